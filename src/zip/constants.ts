/**
 * The numbers of the format, in the order of APPNOTE.TXT 6.3. Section numbers are those of that document. A size leaves
 * out the parts of variable length and says which.
 */

// 4.3.7 Local file header
export const LOCAL_FILE_HEADER_SIGNATURE = 0x04034b50;
export const LOCAL_FILE_HEADER_SIZE = 30; // + file name + extra field

// 4.3.9 Data descriptor. The signature is optional to the letter; readers that stream, and macOS, need it.
export const DATA_DESCRIPTOR_SIGNATURE = 0x08074b50;
export const DATA_DESCRIPTOR_SIZE = 16;
export const ZIP64_DATA_DESCRIPTOR_SIZE = 24; // 4.3.9.2: after a local header with a zip64 extra field

// 4.3.12 Central directory structure
export const CENTRAL_DIRECTORY_HEADER_SIGNATURE = 0x02014b50;
export const CENTRAL_DIRECTORY_HEADER_SIZE = 46; // + file name + extra field + file comment

// 4.3.14 Zip64 end of central directory record
export const ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE = 0x06064b50;
export const ZIP64_END_OF_CENTRAL_DIRECTORY_RECORD_SIZE = 56; // its extensible data sector left empty

// 4.3.15 Zip64 end of central directory locator
export const ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIGNATURE = 0x07064b50;
export const ZIP64_END_OF_CENTRAL_DIRECTORY_LOCATOR_SIZE = 20;

// 4.3.16 End of central directory record
export const END_OF_CENTRAL_DIRECTORY_RECORD_SIGNATURE = 0x06054b50;
export const END_OF_CENTRAL_DIRECTORY_RECORD_SIZE = 22; // + .ZIP file comment

// 4.4.1.4 A field too small for its value holds all ones, and a zip64 field elsewhere holds the value.
export const UINT16_MAX = 0xffff;
export const UINT32_MAX = 0xffffffff;

// 4.4.2 Version made by. The upper byte is the host whose meaning the external file attributes have, the lower one the
// version of the specification the writer follows.
export const HOST_UNIX = 3;
export const HOST_MACOS = 19;
const SPECIFICATION_VERSION = 63; // 6.3, the first with bit 11
export const VERSION_MADE_BY = (HOST_UNIX << 8) | SPECIFICATION_VERSION;

// 4.4.3 Version needed to extract
export const VERSION_STORED = 10;
export const VERSION_DEFLATE_OR_DIRECTORY = 20;
export const VERSION_ZIP64 = 45;

// 4.4.4 General purpose bit flag
export const FLAG_ENCRYPTED = 1 << 0;
export const FLAG_DATA_DESCRIPTOR = 1 << 3; // CRC and sizes follow the file data
export const FLAG_PATCHED_DATA = 1 << 5;
export const FLAG_UTF8 = 1 << 11; // file name and file comment are UTF-8 (APPENDIX D)
export const FLAG_CENTRAL_DIRECTORY_ENCRYPTED = 1 << 13; // fields of the local header are masked

// 4.4.5 Compression method
export const METHOD_STORED = 0;
export const METHOD_DEFLATE = 8;

// 4.4.15 External file attributes: the low byte is that of MS-DOS, whatever the host
export const MSDOS_DIRECTORY = 0x10;

// 4.5.2 Extra fields: every one begins with its ID and the length of its data
export const EXTRA_FIELD_HEADER_SIZE = 4;

// 4.5.3 Zip64 extended information extra field
export const ZIP64_EXTENDED_INFORMATION_ID = 0x0001; // + 8 bytes for each masked field

// Info-ZIP's extended timestamp extra field, listed in 4.6.1; described in proginfo/extrafld.txt of Info-ZIP's sources
export const EXTENDED_TIMESTAMP_ID = 0x5455; // "UT"
export const EXTENDED_TIMESTAMP_SIZE = EXTRA_FIELD_HEADER_SIZE + 5; // flags and modification time
export const EXTENDED_TIMESTAMP_HAS_MODIFICATION_TIME = 1 << 0;

// 4.6.9 Info-ZIP's Unicode path and comment: version 1, the CRC-32 of the field that it stands for, and UTF-8
export const UNICODE_COMMENT_ID = 0x6375; // "uc"
export const UNICODE_PATH_ID = 0x7075; // "up"

// 4.5.5 NTFS: times in units of 100 ns since 1601, in attribute 1
export const NTFS_ID = 0x000a;

// Reads ZIP archives with readers of the JDK and prints what each of them saw for foreign-readers.ts:
//
//   java ReadArchive zipfile|stream|zipfs[,...] ARCHIVE...
//
// The number of an archive goes on counting from one reader to the next. One line per entry, fields parted by tabs, "-" for what this reader does not know:
//   archive number, name (UTF-8 in hex), d|f|l, size, CRC-32 (hex), mode (octal), mtime (seconds), SHA-256 (hex)

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

public class ReadArchive {
  static final PrintStream out = new PrintStream(new BufferedOutputStream(System.out));

  public static void main(String[] args) throws Exception {
    int number = 0;
    for (String reader : args[0].split(",")) {
      for (int i = 1; i < args.length; i++, number++) {
        Path archive = Path.of(args[i]);
        switch (reader) {
          case "zipfile" -> readWithZipFile(number, archive);
          case "stream" -> readWithZipInputStream(number, archive);
          case "zipfs" -> readWithFileSystem(number, archive);
          default -> throw new IllegalArgumentException(reader);
        }
      }
    }
    out.flush();
  }

  static void readWithZipFile(int number, Path archive) throws Exception {
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        try (InputStream data = zip.getInputStream(entry)) {
          print(number, entry, new Content(data));
        }
      }
    }
  }

  static void readWithZipInputStream(int number, Path archive) throws Exception {
    try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(archive))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        Content content = new Content(zip);
        zip.closeEntry(); // only now are the sums of a data descriptor in the entry
        print(number, entry, content);
      }
    }
  }

  static void readWithFileSystem(int number, Path archive) throws Exception {
    Map<String, String> environment = Map.of("enablePosixFileAttributes", "true");
    try (FileSystem zip = FileSystems.newFileSystem(archive, environment);
        Stream<Path> paths = Files.walk(zip.getPath("/"))) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String name = path.toString().substring(1);
        if (name.isEmpty()) continue;
        boolean isDirectory = Files.isDirectory(path);
        if (isDirectory && !name.endsWith("/")) name += "/";
        long modified = Files.getLastModifiedTime(path).toMillis();
        int mode = modeOf(Files.getPosixFilePermissions(path));
        try (InputStream data = isDirectory ? InputStream.nullInputStream() : Files.newInputStream(path)) {
          print(number, name, isDirectory, new Content(data), Integer.toOctalString(mode), modified);
        }
      }
    }
  }

  static void print(int number, ZipEntry entry, Content content) throws IOException {
    if (entry.getSize() != content.size) {
      throw new IOException(entry.getName() + ": size " + entry.getSize() + " but " + content.size + " bytes of data");
    }
    if (entry.getCrc() != content.crc) {
      throw new IOException(entry.getName() + ": CRC " + entry.getCrc() + " but the data has " + content.crc);
    }
    FileTime modified = entry.getLastModifiedTime();
    print(number, entry.getName(), entry.isDirectory(), content, "-", modified.toMillis());
  }

  static void print(int number, String name, boolean isDirectory, Content content, String mode, long millis) {
    out.println(String.join("\t",
        Integer.toString(number),
        HexFormat.of().formatHex(name.getBytes(StandardCharsets.UTF_8)),
        isDirectory ? "d" : "-",
        Long.toString(content.size),
        Long.toHexString(content.crc),
        mode,
        Long.toString(Math.floorDiv(millis, 1000L)),
        content.sha256));
  }

  static int modeOf(Set<PosixFilePermission> permissions) {
    int mode = 0;
    for (PosixFilePermission permission : permissions) mode |= 0400 >> permission.ordinal();
    return mode;
  }

  /** Reads to the end, once, with every sum that is asked for. */
  static final class Content {
    final long size;
    final long crc;
    final String sha256;

    Content(InputStream data) throws IOException {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        CRC32 sum = new CRC32();
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int length = data.read(buffer); length >= 0; length = data.read(buffer)) {
          digest.update(buffer, 0, length);
          sum.update(buffer, 0, length);
          total += length;
        }
        size = total;
        crc = sum.getValue();
        sha256 = HexFormat.of().formatHex(digest.digest());
      } catch (java.security.NoSuchAlgorithmException impossible) {
        throw new AssertionError(impossible);
      }
    }
  }
}

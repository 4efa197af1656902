// A parallel ZIP builder of the kind of fastzip, ybirader/pzip and soong_zip, with klauspost's flate: files side by
// side, and a file above 6 MiB in blocks of 1 MiB, each primed with the 32 KiB before it.
package main

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/flate"
)

const (
	blockSize       = 1 << 20
	minParallelFile = 6 * blockSize // as soong_zip
	windowSize      = 32 << 10
)

type header struct {
	name                 string
	mode                 uint32
	mtime                time.Time
	method               uint16
	crc                  uint32
	packed, size, offset uint64
}

// A task gives bytes to be written: a whole entry with its data, or a block of a large one.
type task struct {
	entry  *header
	path   string
	from   int64 // of a block
	length int
	block  bool
	first  bool
	last   bool
	out    *bytes.Buffer
	crc    uint32
	err    error
	done   chan struct{}
}

func main() {
	level := flag.Int("l", 6, "level, -2 to 9; -2 is Huffman only, 0 stores")
	threads := flag.Int("t", 0, "threads; 0: GOMAXPROCS")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "klauspost -l LEVEL OUT DIR_OR_FILE")
		os.Exit(2)
	}
	if *threads > 0 {
		runtime.GOMAXPROCS(*threads)
	}
	if err := run(*level, flag.Arg(0), flag.Arg(1), runtime.GOMAXPROCS(0)); err != nil {
		fmt.Fprintln(os.Stderr, "klauspost:", err)
		os.Exit(1)
	}
}

func run(level int, out, root string, threads int) error {
	work := make(chan *task, 256)
	order := make(chan *task, 256)
	walked := make(chan error, 1)
	free := make(chan *bytes.Buffer, 512)
	for i := 0; i < threads; i++ {
		go worker(level, work, free)
	}
	go func() {
		walked <- walk(root, func(t *task) {
			t.done = make(chan struct{})
			work <- t
			order <- t
		})
		close(work)
		close(order)
	}()
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	if err := write(file, order, free); err != nil {
		return err
	}
	if err := <-walked; err != nil {
		return err
	}
	return file.Close()
}

func walk(root string, emit func(*task)) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(filepath.ToSlash(filepath.Clean(path)), "/")
		h := &header{name: name, mtime: info.ModTime(), mode: unixMode(info.Mode())}
		if d.IsDir() {
			h.name += "/"
			emit(&task{entry: h, first: true, last: true})
			return nil
		}
		size := info.Size()
		if size <= minParallelFile || !info.Mode().IsRegular() {
			emit(&task{entry: h, path: path, length: int(size), first: true, last: true})
			return nil
		}
		for from := int64(0); from < size; from += blockSize {
			length := size - from
			if length > blockSize {
				length = blockSize
			}
			emit(&task{entry: h, path: path, from: from, length: int(length), block: true, first: from == 0, last: from+length == size})
		}
		return nil
	})
}

func unixMode(mode fs.FileMode) uint32 {
	m := uint32(mode.Perm())
	switch {
	case mode.IsDir():
		return m | syscall.S_IFDIR
	case mode&fs.ModeSymlink != 0:
		return m | syscall.S_IFLNK
	}
	return m | syscall.S_IFREG
}

func worker(level int, work <-chan *task, free chan *bytes.Buffer) {
	var input []byte
	writer, err := flate.NewWriter(nil, level)
	if err != nil {
		fmt.Fprintln(os.Stderr, "klauspost:", err)
		os.Exit(2)
	}
	for t := range work {
		select {
		case t.out = <-free:
			t.out.Reset()
		default:
			t.out = new(bytes.Buffer)
		}
		t.err = pack(t, level, writer, &input)
		close(t.done)
	}
}

func pack(t *task, level int, writer *flate.Writer, input *[]byte) error {
	h := t.entry
	if t.path == "" {
		return nil
	}
	if h.mode&syscall.S_IFMT == syscall.S_IFLNK {
		target, err := os.Readlink(t.path)
		t.out.WriteString(target)
		t.crc = crc32.ChecksumIEEE([]byte(target))
		h.size, h.packed, h.crc = uint64(len(target)), uint64(len(target)), t.crc
		return err
	}
	window := 0
	if t.from > 0 {
		window = windowSize
	}
	if need := window + t.length; cap(*input) < need {
		*input = make([]byte, need, need+need/4)
	}
	buffer := (*input)[:window+t.length]
	if err := readAt(t.path, buffer, t.from-int64(window)); err != nil {
		return err
	}
	data := buffer[window:]
	t.crc = crc32.ChecksumIEEE(data)
	if level == 0 || len(data) == 0 {
		t.out.Write(data)
	} else {
		writer.ResetDict(t.out, buffer[:window])
		if _, err := writer.Write(data); err != nil {
			return err
		}
		var err error
		if t.last {
			err = writer.Close()
		} else {
			err = writer.Flush()
		}
		if err != nil {
			return err
		}
	}
	if !t.block {
		h.method = 8
		if t.out.Len() >= len(data) {
			h.method = 0
			t.out.Reset()
			t.out.Write(data)
		}
		h.size, h.packed, h.crc = uint64(len(data)), uint64(t.out.Len()), t.crc
	}
	return nil
}

// Without os.File: no attempt to register a plain file with the poller, no finalizer.
func readAt(path string, buffer []byte, offset int64) error {
	fd, err := syscall.Open(path, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	for n := 0; n < len(buffer); {
		m, err := syscall.Pread(fd, buffer[n:], offset+int64(n))
		if err != nil || m == 0 {
			return fmt.Errorf("%s changed or cannot be read: %v", path, err)
		}
		n += m
	}
	return nil
}

func write(file *os.File, order <-chan *task, free chan<- *bytes.Buffer) error {
	pending := make([]byte, 0, 2<<20)
	var written uint64 // of the file, without what is pending
	flush := func() error {
		n, err := file.Write(pending)
		written += uint64(n)
		pending = pending[:0]
		return err
	}
	var entries []*header
	for t := range order {
		<-t.done
		if t.err != nil {
			return t.err
		}
		h := t.entry
		if t.first {
			h.offset = written + uint64(len(pending))
			entries = append(entries, h)
			if t.block {
				h.method = 8
			}
			pending = appendLocal(pending, h)
		}
		if t.block {
			h.crc = combine(h.crc, t.crc, int64(t.length))
			h.size += uint64(t.length)
			h.packed += uint64(t.out.Len())
		}
		if t.out.Len() > 1<<20 {
			if err := flush(); err != nil {
				return err
			}
			n, err := file.Write(t.out.Bytes())
			written += uint64(n)
			if err != nil {
				return err
			}
		} else {
			pending = append(pending, t.out.Bytes()...)
		}
		if t.out.Cap() <= 2<<20 {
			select {
			case free <- t.out:
			default:
			}
		}
		t.out = nil
		if len(pending) > 1<<20 {
			if err := flush(); err != nil {
				return err
			}
		}
		if t.block && t.last {
			if err := flush(); err != nil {
				return err
			}
			if _, err := file.WriteAt(appendLocal(nil, h), int64(h.offset)); err != nil {
				return err
			}
		}
	}
	start := written + uint64(len(pending))
	for _, h := range entries {
		pending = appendCentral(pending, h)
	}
	size := written + uint64(len(pending)) - start
	pending = appendEnd(pending, uint64(len(entries)), size, start)
	return flush()
}

var le = binary.LittleEndian

func version(h *header) uint16 {
	return 20
}

func dos(t time.Time) (date, clock uint16) {
	t = t.Local()
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9), uint16(t.Second()/2 + t.Minute()<<5 + t.Hour()<<11)
}

func appendShared(b []byte, h *header) []byte {
	date, clock := dos(h.mtime)
	b = le.AppendUint16(b, version(h))
	flags := uint16(0)
	for i := 0; i < len(h.name); i++ {
		if h.name[i] >= 0x80 {
			flags = 0x800
		}
	}
	b = le.AppendUint16(b, flags)
	b = le.AppendUint16(b, h.method)
	b = le.AppendUint16(b, clock)
	b = le.AppendUint16(b, date)
	b = le.AppendUint32(b, h.crc)
	if h.packed >= 1<<32-1 || h.size >= 1<<32-1 || h.offset >= 1<<32-1 {
		panic("ZIP64 is not what this is for")
	}
	b = le.AppendUint32(b, uint32(h.packed))
	b = le.AppendUint32(b, uint32(h.size))
	b = le.AppendUint16(b, uint16(len(h.name)))
	return le.AppendUint16(b, 9)
}

func appendTime(b []byte, h *header) []byte {
	b = append(b, 'U', 'T', 5, 0, 1)
	return le.AppendUint32(b, uint32(h.mtime.Unix()))
}

func appendLocal(b []byte, h *header) []byte {
	b = le.AppendUint32(b, 0x04034b50)
	b = appendShared(b, h)
	b = append(b, h.name...)
	return appendTime(b, h)
}

func appendCentral(b []byte, h *header) []byte {
	b = le.AppendUint32(b, 0x02014b50)
	b = le.AppendUint16(b, 3<<8|20)
	b = appendShared(b, h)
	b = append(b, 0, 0, 0, 0, 0, 0)
	b = le.AppendUint32(b, h.mode<<16)
	b = le.AppendUint32(b, uint32(h.offset))
	b = append(b, h.name...)
	return appendTime(b, h)
}

func appendEnd(b []byte, count, size, start uint64) []byte {
	shown := uint16(0xffff)
	if count < 0xffff {
		shown = uint16(count)
	} else {
		at := start + size
		b = le.AppendUint32(b, 0x06064b50)
		b = le.AppendUint64(b, 44)
		b = le.AppendUint16(b, 3<<8|45)
		b = le.AppendUint16(b, 45)
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0)
		b = le.AppendUint64(b, count)
		b = le.AppendUint64(b, count)
		b = le.AppendUint64(b, size)
		b = le.AppendUint64(b, start)
		b = le.AppendUint32(b, 0x07064b50)
		b = append(b, 0, 0, 0, 0)
		b = le.AppendUint64(b, at)
		b = append(b, 1, 0, 0, 0)
	}
	b = le.AppendUint32(b, 0x06054b50)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint16(b, shown)
	b = le.AppendUint16(b, shown)
	b = le.AppendUint32(b, uint32(size))
	b = le.AppendUint32(b, uint32(start))
	return append(b, 0, 0)
}

// combine gives the CRC-32 of two parts from theirs, as zlib's crc32_combine: matrices over GF(2).
func combine(a, b uint32, length int64) uint32 {
	var even, odd [32]uint32
	odd[0] = 0xedb88320
	for n, row := 1, uint32(1); n < 32; n, row = n+1, row<<1 {
		odd[n] = row
	}
	square(&even, &odd)
	square(&odd, &even)
	for length > 0 {
		square(&even, &odd)
		if length&1 != 0 {
			a = times(&even, a)
		}
		length >>= 1
		if length == 0 {
			break
		}
		square(&odd, &even)
		if length&1 != 0 {
			a = times(&odd, a)
		}
		length >>= 1
	}
	return a ^ b
}

func times(m *[32]uint32, v uint32) (sum uint32) {
	for i := 0; v != 0; i, v = i+1, v>>1 {
		if v&1 != 0 {
			sum ^= m[i]
		}
	}
	return
}

func square(to, from *[32]uint32) {
	for n := range to {
		to[n] = times(from, from[n])
	}
}

// Reads ZIP archives with Go's archive/zip and prints what it saw for foreign-readers.ts; the lines are those of ReadArchive.java.
package main

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	for number, path := range os.Args[1:] {
		if err := readArchive(out, number, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	out.Flush()
}

func readArchive(out io.Writer, number int, path string) error {
	archive, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, file := range archive.File {
		if err := readEntry(out, number, file); err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
	}
	return nil
}

// readEntry reads to the end; archive/zip itself compares the CRC-32 and the size there.
func readEntry(out io.Writer, number int, file *zip.File) error {
	data, err := file.Open()
	if err != nil {
		return err
	}
	defer data.Close()
	digest := sha256.New()
	sum := crc32.NewIEEE()
	size, err := io.Copy(io.MultiWriter(digest, sum), data)
	if err != nil {
		return err
	}
	kind := "f"
	switch {
	case file.Mode().IsDir():
		kind = "d"
	case file.Mode()&os.ModeSymlink != 0:
		kind = "l"
	}
	_, err = fmt.Fprintf(out, "%d\t%s\t%s\t%d\t%x\t%o\t%d\t%x\n", number, hex.EncodeToString([]byte(file.Name)), kind, size,
		sum.Sum32(), file.Mode().Perm(), file.Modified.Unix(), digest.Sum(nil))
	return err
}

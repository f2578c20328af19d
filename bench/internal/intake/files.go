package intake

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/fencert/fencert/bench/internal/results"
)

// kept are the files of a run that are taken in, but for which nothing else is.
var kept = []string{results.BenchFile, "noise.json", "doctor.json"}

var (
	runName  = regexp.MustCompile(`^[0-9]{8}T[0-9]{6}Z(-[a-z0-9]+)+$`)
	fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9=._-]*$`)
)

// A bundle is what came, by run and file.
type bundle struct {
	runs    map[string]map[string][]byte
	leftOut []string
	files   int
	total   int64
}

// read reads a .tar.gz or a folder, whichever from is. It keeps all of it in memory, which the limits bound.
func read(from string) (*bundle, error) {
	info, err := os.Stat(from)
	if err != nil {
		return nil, err
	}
	b := &bundle{runs: map[string]map[string][]byte{}}
	if info.IsDir() {
		err = b.readFolder(from)
	} else {
		err = b.readArchive(from)
	}
	if err != nil {
		return nil, err
	}
	for run, files := range b.runs {
		if files[results.BenchFile] == nil {
			return nil, fmt.Errorf("%w: %s has no %s", ErrBroken, run, results.BenchFile)
		}
	}
	if len(b.runs) == 0 {
		return nil, ErrNothing
	}
	return b, nil
}

func (b *bundle) readArchive(from string) error {
	f, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%w: not a .tar.gz: %w", ErrBroken, err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			// The sum at the end is checked by reading it.
			if _, err := io.Copy(io.Discard, io.LimitReader(z, MaxFile)); err != nil {
				return fmt.Errorf("%w: %w", ErrBroken, err)
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: not a .tar.gz: %w", ErrBroken, err)
		}
		switch h.Typeflag {
		case tar.TypeDir:
			err = b.folder(h.Name)
		case tar.TypeReg:
			err = b.add(h.Name, h.Size, r)
		case tar.TypeXGlobalHeader:
		default:
			err = fmt.Errorf("%w: %q", ErrKind, h.Name)
		}
		if err != nil {
			return err
		}
	}
}

// readFolder reads a run, or a folder of runs.
func (b *bundle) readFolder(from string) error {
	abs, err := filepath.Abs(from)
	if err != nil {
		return err
	}
	prefix := ""
	if runName.MatchString(filepath.Base(abs)) {
		prefix = filepath.Base(abs)
	}
	return filepath.WalkDir(abs, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(abs, name)
		if err != nil || rel == "." {
			return err
		}
		rel = path.Join(prefix, filepath.ToSlash(rel))
		if d.IsDir() {
			return b.folder(rel)
		}
		if !d.Type().IsRegular() {
			return fmt.Errorf("%w: %q", ErrKind, rel)
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		return errors.Join(b.add(rel, info.Size(), f), f.Close())
	})
}

// parts takes a name apart. results/ before it is taken off. No part begins with a dot, so none leads out of the folder.
func parts(name string) ([]string, error) {
	clean := strings.TrimSuffix(strings.TrimPrefix(name, "./"), "/")
	list := strings.Split(clean, "/")
	for _, p := range list {
		if !fileName.MatchString(p) || len(p) > 200 {
			return nil, fmt.Errorf("%w: %q", ErrName, name)
		}
	}
	if list[0] == "results" {
		list = list[1:]
	}
	return list, nil
}

func (b *bundle) folder(name string) error {
	if name == "." || name == "./" {
		return nil
	}
	list, err := parts(name)
	if err == nil && len(list) > 2 {
		err = fmt.Errorf("%w: %q is a folder too deep", ErrName, name)
	}
	return err
}

// add takes a file, or leaves it out.
func (b *bundle) add(name string, size int64, r io.Reader) error {
	list, err := parts(name)
	if err != nil {
		return err
	}
	b.files++
	b.total += size
	switch {
	case size > MaxFile:
		return fmt.Errorf("%w: %q has %d bytes", ErrSize, name, size)
	case b.files > MaxFiles || b.total > MaxTotal:
		return fmt.Errorf("%w: more than %d files or %d bytes", ErrSize, MaxFiles, MaxTotal)
	case len(list) == 1 && !runName.MatchString(list[0]), len(list) == 3 && runName.MatchString(list[0]):
		b.leftOut = append(b.leftOut, name) // beside the runs, or below one
		return nil
	case len(list) != 2 || !runName.MatchString(list[0]):
		return fmt.Errorf("%w: %q", ErrName, name)
	case !slices.Contains(kept, list[1]):
		b.leftOut = append(b.leftOut, name)
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return fmt.Errorf("%w: %q: %w", ErrBroken, name, err)
	}
	if int64(len(text)) != size {
		return fmt.Errorf("%w: %q has %d bytes of %d", ErrBroken, name, len(text), size)
	}
	files := b.runs[list[0]]
	if files == nil {
		files = map[string][]byte{}
		b.runs[list[0]] = files
	}
	if files[list[1]] != nil {
		return fmt.Errorf("%w: %q is there twice", ErrName, name)
	}
	files[list[1]] = text
	return nil
}

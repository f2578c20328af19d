package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// A Head begins each file: what it is, and in which version.
type Head struct {
	Schema  string `json:"schema"`
	Version int    `json:"version"`
}

// Encode writes a file as JSON that a person can read, with its end of line. What would end a
// script or a comment in a page is escaped, so that the text may be put into one.
func Encode(v any) ([]byte, error) {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return nil, fmt.Errorf("writing JSON: %w", err)
	}
	return append(text, '\n'), nil
}

// DecodeResults reads a results.json; name is for messages.
func DecodeResults(name string, text []byte) (*Results, error) {
	r := new(Results)
	if err := Decode(name, ResultsName, Version, text, r); err != nil {
		return nil, err
	}
	return r, nil
}

// DecodeIndex reads an index.json; name is for messages.
func DecodeIndex(name string, text []byte) (*Index, error) {
	x := new(Index)
	if err := Decode(name, IndexName, Version, text, x); err != nil {
		return nil, err
	}
	for _, t := range x.Rows {
		for _, p := range t.Points {
			if p.Run < 0 || p.Run >= len(x.Runs) {
				return nil, fmt.Errorf("%s: %w: a point of run %d, of %d", name, ErrBroken, p.Run, len(x.Runs))
			}
		}
	}
	return x, nil
}

// Decode reads a file that begins with a Head into a value: of the kind and version that are
// asked for, whole, and nothing after it. Fields that it doesn't know are skipped: a later
// program of the same version may have added them.
func Decode(name, kind string, version int, text []byte, into any) error {
	var h Head
	if err := json.Unmarshal(text, &h); err != nil {
		return broken(name, err)
	}
	switch {
	case h.Schema != kind:
		return fmt.Errorf("%s: %w: it is a %q, not a %q", name, ErrBroken, h.Schema, kind)
	case h.Version < version:
		return fmt.Errorf("%s: %w: version %d, and this reads %d; make it again from its bench.txt", name, ErrOlder, h.Version, version)
	case h.Version > version:
		return fmt.Errorf("%s: %w: version %d, and this reads %d; use the program that wrote it or a later one", name, ErrNewer, h.Version, version)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(into); err != nil {
		return broken(name, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w: something follows its end", name, ErrBroken)
	}
	return nil
}

func broken(name string, err error) error { return fmt.Errorf("%s: %w: %w", name, ErrBroken, err) }

package commit

import (
	"bytes"
	"errors"
	"hash/crc32"
	"io"
	"slices"
	"testing"
)

// encoded returns a log with these payloads, and where each record ends.
func encoded(payloads ...[]byte) (b []byte, ends []uint64) {
	for _, p := range payloads {
		b = appendRecord(b, uint64(len(b)), p, crc32.Checksum(p, castagnoli))
		ends = append(ends, uint64(len(b)))
	}
	return b, ends
}

// scanned returns what Scan finds.
func scanned(b []byte) (payloads [][]byte, ends []uint64, whole uint64, err error) {
	whole, err = Scan(bytes.NewReader(b), func(end uint64, p []byte) error {
		payloads, ends = append(payloads, slices.Clone(p)), append(ends, end)
		return nil
	})
	return payloads, ends, whole, err
}

var someRecords = [][]byte{{1}, []byte("second"), bytes.Repeat([]byte{0}, 300), []byte("the last one")}

func TestScan(t *testing.T) {
	b, ends := encoded(someRecords...)
	got, gotEnds, whole, err := scanned(b)
	if err != nil || whole != uint64(len(b)) || !slices.Equal(gotEnds, ends) || !slices.EqualFunc(got, someRecords, bytes.Equal) {
		t.Errorf("read %q, ends %v, up to %d: %v", got, gotEnds, whole, err)
	}
	if _, _, whole, err := scanned(nil); whole != 0 || err != nil {
		t.Errorf("an empty log: %d, %v", whole, err)
	}
}

// TestScanTorn cuts the log at each byte: what is whole stays, and only a cut between two records is none.
func TestScanTorn(t *testing.T) {
	b, ends := encoded(someRecords...)
	for cut := range len(b) {
		want := 0
		for want < len(ends) && ends[want] <= uint64(cut) {
			want++
		}
		at := uint64(0)
		if want > 0 {
			at = ends[want-1]
		}
		got, _, whole, err := scanned(b[:cut])
		if len(got) != want || whole != at || errors.Is(err, ErrTorn) != (uint64(cut) != at) {
			t.Errorf("cut at %d: %d records, up to %d: %v", cut, len(got), whole, err)
		}
	}
}

// TestScanDamaged flips each bit: the record that it is in isn't taken, and those before it are.
func TestScanDamaged(t *testing.T) {
	b, ends := encoded(someRecords...)
	for bit := range 8 * len(b) {
		hit := slices.IndexFunc(ends, func(end uint64) bool { return uint64(bit/8) < end })
		d := slices.Clone(b)
		d[bit/8] ^= 1 << (bit % 8)
		if got, _, _, err := scanned(d); len(got) != hit || !errors.Is(err, ErrTorn) {
			t.Errorf("bit %d: %d records, want %d: %v", bit, len(got), hit, err)
		}
	}
}

// TestScanElsewhere: zeros are no record, nor is one that was written for another place.
func TestScanElsewhere(t *testing.T) {
	b, ends := encoded(someRecords...)
	for name, c := range map[string]struct {
		file  []byte
		whole uint64
	}{
		"zeros":               {make([]byte, 100), 0},
		"zeros at the end":    {append(slices.Clone(b), make([]byte, 100)...), ends[3]},
		"moved":               {b[ends[0]:], 0},
		"twice":               {append(slices.Clone(b[:ends[1]]), b[ends[0]:]...), ends[1]},
		"a length of 4 GB":    {append(slices.Clone(b), 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5), ends[3]},
		"one record left out": {append(slices.Clone(b[:ends[0]]), b[ends[1]:]...), ends[0]},
	} {
		if _, _, whole, err := scanned(c.file); whole != c.whole || !errors.Is(err, ErrTorn) {
			t.Errorf("%s: whole up to %d, want %d: %v", name, whole, c.whole, err)
		}
	}
}

func TestScanErrors(t *testing.T) {
	b, ends := encoded(someRecords...)
	broken := errors.New("broken disk")
	for cut := range len(b) {
		r := io.MultiReader(bytes.NewReader(b[:cut]), failingReader{broken})
		if _, err := Scan(r, func(uint64, []byte) error { return nil }); !errors.Is(err, broken) || errors.Is(err, ErrTorn) {
			t.Fatalf("reading fails after %d bytes: %v", cut, err)
		}
	}
	whole, err := Scan(bytes.NewReader(b), func(end uint64, _ []byte) error {
		if end == ends[1] {
			return errGone
		}
		return nil
	})
	if !errors.Is(err, errGone) || whole != ends[0] {
		t.Errorf("visit's error: %d, %v", whole, err)
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

package fencert

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// Dump writes a Snapshot as text, for people: a line for each fence context, one for each of the oldest fences in it
// that are not recycled yet, and one for each timeline, in one Write. Cost, callers, and what it is worth while everything goes on: Snapshot's.
// Errors: those of w.
func (rt *Runtime) Dump(w io.Writer) error {
	_, err := rt.Snapshot().WriteTo(w)
	return err
}

// WriteTo writes the text of String in one Write, as io.WriterTo wants it.
func (s Snapshot) WriteTo(w io.Writer) (int64, error) {
	n, err := io.WriteString(w, s.String())
	return int64(n), err
}

// String is the snapshot as text, for people. Its form may change.
func (s Snapshot) String() string {
	var b strings.Builder
	closed := ""
	if s.Closed {
		closed = ", closed"
	}
	fmt.Fprintf(&b, "fencert%s: %d pending, %d signaled and kept, %d waiting\n", closed, s.Pending, s.Kept, s.Waiting)
	for _, c := range s.Contexts {
		c.print(&b)
	}
	for _, t := range s.Timelines {
		t.print(&b)
	}
	return b.String()
}

func (t *TimelineSnapshot) print(b *strings.Builder) {
	fmt.Fprintf(b, "timeline %d %s/%s: value %d, last issued %d, callbacks %d",
		t.ID, plain(t.Driver), plain(t.Timeline), t.Value, t.LastIssued, t.Pending)
	if t.OldestKnown {
		fmt.Fprintf(b, ", oldest point %d", t.Oldest)
	}
	if t.Waiting > 0 {
		fmt.Fprintf(b, ", waiting %d", t.Waiting)
		if t.LongestWait > 0 {
			b.WriteString(" for up to " + short(t.LongestWait))
		}
	}
	b.WriteByte('\n')
}

func (c *ContextSnapshot) print(b *strings.Builder) {
	fmt.Fprintf(b, "context %d %s/%s: last seqno %d, %d pending, %d kept\n",
		c.ID, plain(c.Driver), plain(c.Timeline), c.LastSeqno, c.Pending, c.Kept)
	for _, f := range c.Fences {
		fmt.Fprintf(b, "  seqno %d: ", f.Seqno)
		f.print(b)
		b.WriteByte('\n')
	}
	if more := c.Pending + c.Kept - len(c.Fences); more > 0 {
		fmt.Fprintf(b, "  and %d more\n", more)
	}
}

func (f *FenceSnapshot) print(b *strings.Builder) {
	b.WriteString(f.State.String())
	switch {
	case f.State == FencePending && f.AgeKnown:
		b.WriteString(" for " + short(f.Age))
	case f.State == FencePending && f.Age > 0:
		b.WriteString(" for at least " + short(f.Age))
	case f.State != FencePending && f.Result != nil:
		b.WriteString(" with " + plain(f.Result.Error()))
	}
	if f.Callbacks > 0 {
		fmt.Fprintf(b, ", callbacks %d", f.Callbacks)
	}
	if f.Holders > 0 {
		fmt.Fprintf(b, ", held by %d", f.Holders)
	}
	if f.State != FencePending && !f.Dropped {
		b.WriteString(", not dropped")
	}
	if f.Waiting > 0 {
		fmt.Fprintf(b, ", waiting %d", f.Waiting)
		if f.LongestWait > 0 {
			b.WriteString(" for up to " + short(f.LongestWait))
		}
	}
}

// short is a duration with no more digits than say something.
func short(d time.Duration) string {
	for unit := time.Second; unit > time.Microsecond; unit /= 1000 {
		if d >= unit {
			return d.Round(unit / 1000).String()
		}
	}
	return d.String()
}

// plain is a text from outside that stays on its line.
func plain(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

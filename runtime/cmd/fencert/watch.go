package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/fencert/fencert/runtime/sharedtimeline"
)

// A watcher shows one shared timeline.
type watcher struct {
	out                 io.Writer
	once, json, rewrite bool
	every               time.Duration
	name                string
}

// A look is what is printed of one look.
type look struct {
	File     string     `json:"file"`
	Time     time.Time  `json:"time"`
	Value    uint64     `json:"value"`
	Issued   uint64     `json:"issued"`
	Rate     *float64   `json:"rate,omitempty"`     // points per second since the last look
	Sleepers *int       `json:"sleepers,omitempty"` // where the system tells
	Wanted   *uint64    `json:"wanted,omitempty"`   // the lowest point that somebody sleeps for
	Held     *bool      `json:"held,omitempty"`     // somebody writes now, where the system tells
	Writers  uint64     `json:"writers"`
	Process  int        `json:"process,omitempty"` // of the last one
	Claimed  *time.Time `json:"claimed,omitempty"`
	Removed  bool       `json:"removed,omitempty"` // the name means another file by now, or none
}

// watch looks until ctx ends, which is no error.
func (w *watcher) watch(ctx context.Context, name string) error {
	m, err := sharedtimeline.OpenReadOnly(name)
	if err != nil {
		return err
	}
	defer m.Close()
	w.name = name
	file, err := os.Stat(name)
	if err != nil {
		return err
	}
	ticks := time.NewTicker(w.every)
	defer ticks.Stop()
	var last *look
	for {
		info, err := m.Info()
		if err != nil {
			w.end(last)
			return fmt.Errorf("%s: %w", name, err)
		}
		now := newLook(name, info, last)
		if s, err := os.Stat(name); err != nil || !os.SameFile(file, s) {
			now.Removed = true
		}
		if err := w.show(now); err != nil {
			return err
		}
		last = now
		if w.once {
			w.end(last)
			return nil
		}
		select {
		case <-ticks.C:
		case <-ctx.Done():
			w.end(last)
			return nil
		}
	}
}

// newLook is what is known now, and how fast it came from the last one.
func newLook(name string, i sharedtimeline.Info, last *look) *look {
	l := &look{File: name, Time: time.Now(), Value: i.Value, Issued: i.Issued, Writers: i.Writers}
	if last != nil {
		if d := l.Time.Sub(last.Time).Seconds(); d > 0 {
			rate := float64(l.Value-last.Value) / d // it never goes down: Info would have said so
			l.Rate = &rate
		}
	}
	if i.Sleepers >= 0 {
		l.Sleepers = &i.Sleepers
	}
	if i.WantedKnown {
		l.Wanted = &i.Wanted
	}
	if i.HeldKnown {
		l.Held = &i.Held
	}
	if i.Writers > 0 {
		l.Process, l.Claimed = i.Process, &i.Claimed
	}
	return l
}

// show prints a look, in a terminal over the one before.
func (w *watcher) show(l *look) (err error) {
	switch {
	case w.json:
		err = json.NewEncoder(w.out).Encode(l)
	case w.rewrite:
		_, err = fmt.Fprintf(w.out, "\r\x1b[K%s", l)
	default:
		_, err = fmt.Fprintln(w.out, l)
	}
	return err
}

// end leaves the terminal's line as it is and goes to the next.
func (w *watcher) end(last *look) {
	if w.rewrite && !w.json && last != nil {
		fmt.Fprintln(w.out)
	}
}

func (l *look) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "value %d", l.Value)
	if l.Issued > l.Value {
		fmt.Fprintf(&b, ", issued to %d", l.Issued)
	}
	if l.Rate != nil {
		fmt.Fprintf(&b, ", %.0f/s", *l.Rate)
	}
	if l.Sleepers != nil {
		fmt.Fprintf(&b, ", %d asleep", *l.Sleepers)
	}
	if l.Wanted != nil {
		fmt.Fprintf(&b, " from %d on", *l.Wanted)
	}
	switch {
	case l.Writers == 0:
		b.WriteString(", never written")
	case l.Held != nil && *l.Held:
		fmt.Fprintf(&b, ", writer %d", l.Process)
	case l.Held != nil:
		fmt.Fprintf(&b, ", no writer; the last was %d", l.Process)
	default:
		fmt.Fprintf(&b, ", last writer %d", l.Process)
	}
	if l.Claimed != nil {
		fmt.Fprintf(&b, ", number %d, since %s", l.Writers, l.Claimed.Format(time.DateTime))
	}
	if l.Removed {
		b.WriteString("; the name means another file by now, or none")
	}
	return b.String()
}

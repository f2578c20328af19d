package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/rounds"
)

// runNote begins the note that says what a run is: the flags that make its plan, and the binary that
// is measured. A run goes on in a folder whose note is the same and whose header describes
// the same machine and commit.
const runNote = results.NotePrefix + "run: "

// perRun are the keys of a header that differ from start to start.
var perRun = map[string]bool{"psi": true, "seed": true}

// asked is the part of the note that the command line decides.
func (o *options) asked() string {
	return fmt.Sprintf("rows=%s cpu=%s count=%d benchtime=%v pin=%v", o.rows(), strings.ReplaceAll(join(o.cpus), " ", ""), o.count, o.benchTime, o.pin)
}

// fingerprint of a file, "unknown" where it can't be read.
func fingerprint(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return machine.Unknown
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return machine.Unknown
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// An earlier run was interrupted and can go on.
type earlier struct {
	folder *results.Folder
	text   string
	seed   uint64
}

// unfinished finds the newest run of the same command below a directory and opens it, if
// it was interrupted and nothing has changed since. Where something has, it says so. A newer run of the
// same command that was finished means that this one is meant to be another.
func (a *app) unfinished(parent string, header machine.Header, o *options, binary string) (earlier, bool) {
	if o.fresh {
		return earlier{}, false
	}
	for _, dir := range results.Runs(parent) {
		text, err := os.ReadFile(filepath.Join(dir, results.BenchFile))
		if err != nil {
			continue
		}
		had := describe(string(text))
		asked, was, _ := strings.Cut(had[runNote], " binary=")
		if asked != o.asked() {
			continue
		}
		if rounds.Complete(string(text)) {
			return earlier{}, false
		}
		reason := changed(had, header, o, was, binary)
		if reason == "" {
			e, err := reopen(dir, had)
			if err == nil {
				return e, true
			}
			reason = err.Error()
		}
		a.remark("not going on with %s: %s", dir, reason)
		return earlier{}, false
	}
	return earlier{}, false
}

func reopen(dir string, had map[string]string) (earlier, error) {
	seed, err := strconv.ParseUint(had["seed"], 10, 64)
	if err != nil {
		return earlier{}, errors.New("its seed is no number")
	}
	folder, text, err := results.Reopen(dir)
	return earlier{folder, text, seed}, err
}

// describe returns the header of a file by key, and its note on the run under runNote.
func describe(text string) map[string]string {
	had := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if note, ok := strings.CutPrefix(line, runNote); ok {
			had[runNote] = note
			return had
		}
		if key, value, ok := strings.Cut(line, ": "); ok {
			had[key] = value
		}
		if strings.HasPrefix(line, "Benchmark") {
			break // a file of somebody else's
		}
	}
	return had
}

// changed says why a run can't go on, "" when it can.
func changed(had map[string]string, header machine.Header, o *options, was, binary string) string {
	for _, e := range header {
		if old := had[e.Key]; !perRun[e.Key] && old != e.Value {
			return fmt.Sprintf("%s was %s and is %s", e.Key, old, e.Value)
		}
	}
	switch {
	case was != binary || binary == machine.Unknown:
		return "the suite's binary is another"
	case header.Get("dirty") == "yes":
		return "the checkout has changes that aren't committed"
	case o.seeded && had["seed"] != strconv.FormatUint(o.seed, 10):
		return "its seed is " + had["seed"]
	}
	return ""
}

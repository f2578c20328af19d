// Package doctor tells what would make numbers wrong on a machine, and which command mends
// it. It changes nothing.
//
// Everything is read through a file system, so that a test can show any machine. Where a file is
// missing the finding is Unknown, which is no warning: a system that doesn't tell may well
// be a good one.
package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/fencert/fencert/bench/internal/quiet"
)

// File is the name of the findings in a folder of results.
const File = "doctor.json"

// Schema is the version of the file's form.
const Schema = 1

// ErrFile tells that a file doesn't hold findings in this form. Test with errors.Is.
var ErrFile = errors.New("no findings of a known schema")

// A State is how something was found.
type State string

// The states of a finding.
const (
	Good    State = "good"
	Bad     State = "bad"
	Unknown State = "unknown" // this system doesn't tell
)

// A Finding is one thing that was looked at.
type Finding struct {
	Name   string `json:"name"`
	State  State  `json:"state"`
	Detail string `json:"detail"`         // what was found
	Mend   string `json:"mend,omitempty"` // of Bad: a command, or why there is none
}

// Findings are what a file holds.
type Findings struct {
	Schema   int       `json:"schema"`
	Findings []Finding `json:"findings"`
}

// A check looks at one thing.
type check struct {
	name string
	look func(machine) Finding
}

// checks are in the order in which they are printed: what spoils most comes first.
var checks = []check{
	{"neighbors", neighbors}, {"pressure", pressure}, {"load", load}, {"steal", steal},
	{"cgroup-cpu", quota}, {"affinity", affinity}, {"cpus", cpus}, {"hypervisor", hypervisor},
	{"governor", governor}, {"turbo", turbo}, {"smt", smt}, {"clock", clock}, {"battery", battery},
	{"numa", numa}, {"thp", thp}, {"memory", memory}, {"swap", swap}, {"environment", environment},
}

// A machine is what checks look at.
type machine struct {
	fs.FS
	meter quiet.Meter // started a while ago
}

// Window is how long Examine watches what other processes use.
const Window = time.Second

// Examine looks at the machine whose root directory is given. It takes Window.
func Examine(root fs.FS) []Finding {
	return examine(root, func() { time.Sleep(Window) })
}

func examine(root fs.FS, pause func()) []Finding {
	m := machine{root, quiet.StartMeter(root)}
	pause()
	var found []Finding
	for _, c := range checks {
		f := c.look(m)
		f.Name = c.name
		found = append(found, f)
	}
	return found
}

func good(format string, args ...any) Finding {
	return Finding{State: Good, Detail: fmt.Sprintf(format, args...)}
}

func bad(mend, format string, args ...any) Finding {
	return Finding{State: Bad, Detail: fmt.Sprintf(format, args...), Mend: mend}
}

func unknown() Finding { return Finding{State: Unknown, Detail: "this system doesn't tell"} }

// Encode returns findings as they are stored.
func Encode(found []Finding) ([]byte, error) {
	text, err := json.MarshalIndent(Findings{Schema, found}, "", " ")
	return append(text, '\n'), err
}

// Decode reads what Encode wrote.
func Decode(text []byte) ([]Finding, error) {
	var f Findings
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFile, err)
	}
	if f.Schema != Schema {
		return nil, fmt.Errorf("%w: schema %d, not %d", ErrFile, f.Schema, Schema)
	}
	return f.Findings, nil
}

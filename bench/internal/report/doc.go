// Package report makes a run's page: one file of HTML that needs nothing else, and drawings beside it.
//
// The page is made of what package schema holds, which is made of the raw text; it contains both for
// download. It makes no request, and says so to the browser by its content security policy. It works
// without its script, which only sorts and filters. What stands in files (names, headers, notes) reaches it
// through html/template or as text of a drawing, and never as markup.
//
// Every chart has the table of its figures behind it, a title, and a description for those who don't see it.
package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/scaling"
	"github.com/fencert/fencert/bench/internal/schema"
	"github.com/fencert/fencert/bench/internal/tables"
)

// Names in a run's folder.
const (
	PageFile  = "report.html"
	ChartsDir = "charts"
)

// An Input is what a page is made of.
type Input struct {
	Results *schema.Results
	Bench   []byte           // the raw text
	Doctor  []Finding        // what the doctor found when the run began; nil when it wasn't asked
	Noise   *Noise           // nil without a file
	Scaling []scaling.Series // what more CPUs bring
	// OwnGoroutines are the rows that don't share out their operations, and so have no speed-up.
	OwnGoroutines []string
	History       string // where the page about all runs is, seen from this one; "" without
}

// A Finding is one of the doctor's.
type Finding struct {
	Name   string `json:"name"`
	State  string `json:"state"`
	Detail string `json:"detail"`
	Mend   string `json:"mend"`
}

// Noise are the floors below which a row's difference between runs means nothing.
type Noise struct {
	Schema    int     `json:"schema"`
	Statistic string  `json:"statistic"`
	Rows      []Floor `json:"rows"`
}

// A Floor is a row's, as a share of its median.
type Floor struct {
	Name    string  `json:"name"`
	Unit    string  `json:"unit"`
	Samples int     `json:"samples"`
	Floor   float64 `json:"floor"`
}

// sideSchema is the version of doctor.json and noise.json that is read here.
const sideSchema = 1

// Files that may stand beside the raw text.
const (
	doctorFile = "doctor.json"
	noiseFile  = "noise.json"
)

// Read reads a run: a folder, or a file in the benchmark format. It takes milliseconds.
func Read(path string) (*Input, error) {
	log, err := results.Read(path)
	if err != nil {
		return nil, err
	}
	in := &Input{}
	if in.Bench, err = os.ReadFile(log.Path); err != nil {
		return nil, err
	}
	if in.Results, err = tables.Describe(log); err != nil {
		return nil, err
	}
	in.Scaling, in.OwnGoroutines = scaling.Read(log)
	return in, in.beside(filepath.Dir(log.Path))
}

// beside reads what others stored in the folder.
func (in *Input) beside(dir string) error {
	doctor := struct {
		Schema   int       `json:"schema"`
		Findings []Finding `json:"findings"`
	}{}
	found, err := side(filepath.Join(dir, doctorFile), &doctor, &doctor.Schema)
	if err != nil {
		return err
	}
	if found {
		in.Doctor = append([]Finding{}, doctor.Findings...)
	}
	noise := new(Noise)
	if found, err = side(filepath.Join(dir, noiseFile), noise, &noise.Schema); err != nil {
		return err
	}
	if found {
		in.Noise = noise
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return err
	}
	history := filepath.Join(filepath.Dir(dir), HistoryFile)
	if _, err := os.Stat(history); err == nil {
		in.History = "../" + HistoryFile
	}
	return nil
}

// LinkFrom says that the page will stand in another folder than its run's.
func (in *Input) LinkFrom(dir, run string) error {
	if in.History == "" {
		return nil
	}
	from, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(filepath.Join(filepath.Dir(run), HistoryFile))
	if err != nil {
		return err
	}
	rel, err := filepath.Rel(from, to)
	in.History = filepath.ToSlash(rel)
	return err
}

// side reads a file that may be missing.
func side(path string, into any, version *int) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return false, fmt.Errorf("%s: %w: %w; take it away, or make it again", path, schema.ErrBroken, err)
	}
	switch {
	case *version < sideSchema:
		return false, fmt.Errorf("%s: %w: version %d, and this reads %d", path, schema.ErrOlder, *version, sideSchema)
	case *version > sideSchema:
		return false, fmt.Errorf("%s: %w: version %d, and this reads %d", path, schema.ErrNewer, *version, sideSchema)
	}
	return true, nil
}

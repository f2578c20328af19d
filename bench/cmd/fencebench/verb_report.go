package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/fencert/fencert/bench/internal/report"
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/schema"
)

// run finds the one run that a verb is about: the named folder or file, else the newest committed.
func (a *app) oneRun(verb string, args []string) (string, error) {
	switch {
	case len(args) > 1:
		return "", misuse("%s takes one folder or file, not %d", verb, len(args))
	case len(args) == 0:
		return results.Newest(filepath.Join(a.repo, resultsDir))
	case args[0] == "":
		return "", misuse("an empty file name")
	}
	path := a.source(args[0])
	if !exists(path) {
		return "", fmt.Errorf("%s: no such file or results folder", path)
	}
	return path, nil
}

// parseOne reads flags and lets them stand before or after the folder.
func parseOne(f *flag.FlagSet, args []string) ([]string, error) {
	f.SetOutput(io.Discard)
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			return nil, usageError{plainer(err)}
		}
		if f.NArg() == 0 {
			return rest, nil
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
}

// report makes a run's page and its charts.
func (a *app) report(args []string) error {
	f := flag.NewFlagSet("report", flag.ContinueOnError)
	out := ""
	f.Func("out", "", func(s string) error {
		if s == "" {
			return errors.New("not the name of a file")
		}
		out = s
		return nil
	})
	args, err := parseOne(f, args)
	if err != nil {
		return err
	}
	path, err := a.oneRun("report", args)
	if err != nil {
		return err
	}
	in, err := report.Read(path)
	if err != nil {
		return err
	}
	target := filepath.Join(folderOf(path), report.PageFile)
	if out != "" {
		target = a.target(out)
		if err := in.LinkFrom(filepath.Dir(target), folderOf(path)); err != nil {
			return err
		}
	}
	made, err := report.Make(in)
	if err != nil {
		return err
	}
	if err := results.Put(target, made.HTML); err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil || !info.Mode().IsRegular() {
		return err // a pipe has no place for charts beside it
	}
	charts := filepath.Join(filepath.Dir(target), report.ChartsDir)
	for _, c := range made.Charts {
		if err := results.Put(filepath.Join(charts, c.Name), c.Data); err != nil {
			return err
		}
	}
	return a.print(fmt.Sprintf("%s\n%d charts in %s\n", target, len(made.Charts), charts))
}

// folderOf is the folder of a run that may be named by its file.
func folderOf(path string) string {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

// json prints a run as data, and of a folder keeps it there. A file of that schema is checked and printed.
func (a *app) json(args []string) error {
	if err := noFlags("json", args); err != nil {
		return err
	}
	path, err := a.oneRun("json", args)
	if err != nil {
		return err
	}
	if filepath.Ext(path) == ".json" {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		r, err := schema.DecodeResults(path, text)
		if err != nil {
			return err
		}
		return a.printJSON(r)
	}
	in, err := report.Read(path)
	if err != nil {
		return err
	}
	if path == folderOf(path) {
		text, err := schema.Encode(in.Results)
		if err != nil {
			return err
		}
		if err := results.Put(filepath.Join(path, schema.ResultsFile), text); err != nil {
			return err
		}
	}
	return a.printJSON(in.Results)
}

func (a *app) printJSON(r *schema.Results) error {
	text, err := schema.Encode(r)
	if err != nil {
		return err
	}
	return a.print(string(text))
}

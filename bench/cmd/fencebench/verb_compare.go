package main

import (
	"github.com/fencert/fencert/bench/internal/results"
	"github.com/fencert/fencert/bench/internal/verdict"
)

// compare judges a second file by a first.
func (a *app) compare(args []string) error {
	o := newOptions(0)
	f := o.bare("compare")
	f.BoolVar(&o.mixed, "mixed", false, "")
	files, err := o.parse(f, args)
	if err != nil {
		return err
	}
	if len(files) != 2 {
		return misuse("compare takes two files, OLD and NEW")
	}
	return a.compareFiles(files[0], files[1], o)
}

func (a *app) compareFiles(old, now string, o *options) error {
	before, err := readLog(a.source(old))
	if err != nil {
		return badInput{err}
	}
	after, err := readLog(a.source(now))
	if err != nil {
		return badInput{err}
	}
	rep, err := judge(before, after, o)
	if err != nil {
		return err
	}
	return a.answer(rep)
}

func judge(before, after *results.Log, o *options) (*verdict.Report, error) {
	rep, err := verdict.Compare(before, after, verdict.Options{Mixed: o.mixed})
	if err != nil {
		return nil, badInput{err}
	}
	return rep, nil
}

// answer prints a report and ends with its code.
func (a *app) answer(rep *verdict.Report) error {
	if err := a.print(rep.Text()); err != nil {
		return badInput{err}
	}
	if code := rep.Code(); code != 0 {
		return verdictCode(code)
	}
	return nil
}

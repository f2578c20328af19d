package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

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

// closing is how long a server waits for answers under way when it ends.
const closing = 3 * time.Second

// serve shows a run's page to this machine until it is interrupted.
func (a *app) serve(ctx context.Context, args []string) (err error) {
	f := flag.NewFlagSet("serve", flag.ContinueOnError)
	port := 0
	f.Func("port", "", func(s string) (err error) {
		if port, err = strconv.Atoi(s); err != nil || port < 0 || port > 65535 {
			return errors.New("not a number from 0 to 65535")
		}
		return nil
	})
	if args, err = parseOne(f, args); err != nil {
		return err
	}
	path, err := a.oneRun("serve", args)
	if err != nil {
		return err
	}
	in, err := report.Read(path)
	if err != nil {
		return err
	}
	made, err := report.Make(in)
	if err != nil {
		return err
	}
	data, err := schema.Encode(in.Results)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("%w; choose another --port", err)
	}
	address := listener.Addr().(*net.TCPAddr)
	site := report.NewSite(in, made, data, address.Port)
	if in.History != "" {
		if err := addHistory(site, filepath.Dir(folderOf(path))); err != nil {
			return errors.Join(err, listener.Close())
		}
	}
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	a.remark("showing %s on this machine only; an interrupt ends it", path)
	if err := a.print(fmt.Sprintf("http://%s/\n", address)); err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	// What was asked for is answered; who keeps a connection open without asking is cut off.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), closing)
	defer cancel()
	if err := server.Shutdown(last); err != nil {
		return server.Close()
	}
	return nil
}

// addHistory shows the page about all runs, and the tables that it links to.
func addHistory(site *report.Site, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, report.HistoryFile))
	if err != nil {
		return err
	}
	site.Add("/"+report.HistoryFile, text)
	tables, err := filepath.Glob(filepath.Join(dir, "*", results.TablesFile))
	if err != nil {
		return err
	}
	for _, t := range tables {
		text, err := os.ReadFile(t)
		if err != nil {
			return err
		}
		site.Add("/"+filepath.Base(filepath.Dir(t))+"/"+results.TablesFile, text)
	}
	return nil
}

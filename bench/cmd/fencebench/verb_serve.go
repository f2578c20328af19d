package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
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
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("%w; choose another --port", err)
	}
	site, err := newSite(in, made, listener.Addr().(*net.TCPAddr).Port, folderOf(path))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	a.remark("showing %s on this machine only; an interrupt ends it", path)
	return a.serveOn(ctx, listener, site)
}

// newSite gathers what is shown: the page and its files and, if there is one, the history.
func newSite(in *report.Input, made *report.Report, port int, folder string) (*report.Site, error) {
	data, err := schema.Encode(in.Results)
	if err != nil {
		return nil, err
	}
	site := report.NewSite(in, made, data, port)
	if in.History != "" {
		err = addHistory(site, filepath.Dir(folder))
	}
	return site, err
}

// serveOn prints the address and answers until the context ends, which is no error.
func (a *app) serveOn(ctx context.Context, listener net.Listener, site http.Handler) error {
	server := &http.Server{Handler: site, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	if err := a.print(fmt.Sprintf("http://%s/\n", listener.Addr())); err != nil {
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

package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"

	"github.com/fencert/fencert/bench/internal/machine"
	"github.com/fencert/fencert/bench/internal/pack"
)

// usage is the help. A packed program tells its name and of what it was built.
func (a *app) usage(ctx context.Context) string {
	if !packed() {
		return usage()
	}
	commit, dirty := machine.Revision(ctx, a.repo)
	return fmt.Sprintf("%sBuilt of commit %s; differs from it: %s.\n", renamed(usage()), commit, dirty)
}

var plainWord = regexp.MustCompile(`^[a-z0-9]+$`)

// pack builds the program that one carries to another machine.
func (a *app) pack(ctx context.Context, args []string) error {
	f := flag.NewFlagSet("pack", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	goarch := f.String("goarch", "", "")
	out := f.String("out", "", "")
	if err := f.Parse(args); err != nil {
		return usageError{plainer(err)}
	}
	switch {
	case f.NArg() > 0:
		return misuse("pack takes no argument %q", f.Arg(0))
	case *goarch != "" && !plainWord.MatchString(*goarch):
		return misuse("--goarch %q: an architecture's name, such as arm64", *goarch)
	case packed():
		return fmt.Errorf("pack: %w", errCheckout)
	}
	arch := first(*goarch, os.Getenv("GOARCH"), runtime.GOARCH)
	goos := first(os.Getenv("GOOS"), runtime.GOOS)
	path := a.packedPath(*out, goos, arch)
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("%s is there and is no file", path)
	}
	a.remark("building the suite and the runner for %s/%s", goos, arch)
	commit, dirty := machine.Revision(ctx, a.repo)
	size, err := pack.Build(ctx, pack.Options{Repo: a.repo, GOOS: goos, GOARCH: arch, Out: path, Commit: commit, Dirty: dirty})
	if err != nil {
		return err
	}
	if dirty == "yes" {
		a.remark("the checkout differs from its commit: so will its results say")
	}
	return a.print(fmt.Sprintf(`%s: %.0f MB, %s/%s, commit %s
There:    ./%s run          results go to ./results
          tar czf results.tar.gz results
Back here: ./benchstat.sh add results.tar.gz
`, path, float64(size)/1e6, goos, arch, first(commit, machine.Unknown), filepath.Base(path)))
}

func (a *app) packedPath(out, goos, goarch string) string {
	if out == "" {
		out = packedName + "-" + goos + "-" + goarch
		if goos == "windows" {
			out += ".exe"
		}
	}
	if filepath.IsAbs(out) {
		return out
	}
	return filepath.Join(a.caller, out)
}

// first returns the first text that isn't empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

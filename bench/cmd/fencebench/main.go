// Fencebench measures the benchmark suite and prints what it measured. It is what
// benchstat.sh starts; "benchstat.sh help" tells how to use it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/fencert/fencert/bench/internal/doctor"
	"github.com/fencert/fencert/bench/internal/plan"
	"github.com/fencert/fencert/bench/internal/quiet"
	"github.com/fencert/fencert/bench/internal/rounds"
	"github.com/fencert/fencert/bench/internal/sample"
)

// Exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2 // of compare and gate also: bad input, or it can't be told
	exitInterrupted = 130
)

// callerEnv names the directory in which benchstat.sh was called, before it went to its
// own. Empty is the same directory.
const callerEnv = "BENCHSTAT_CALLER"

// A usageError is a mistake on the command line.
type usageError struct{ error }

func misuse(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// A badInput is an error of a verb that gives verdicts: it can't tell.
type badInput struct{ error }

func (e badInput) Unwrap() error { return e.error }

// A verdictCode ends the program without a message: what there is to say was the answer.
type verdictCode int

func (c verdictCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// A suite is a compiled set of benchmarks.
type suite interface {
	rounds.Taker
	List(ctx context.Context, pattern string) ([]plan.Row, error)
}

// An app is the program with what it needs of the world. All of it is set before main
// calls run, and only read after.
type app struct {
	out, err io.Writer // tables and answers; progress and remarks
	repo     string    // the checkout; results are kept below it
	caller   string    // the directory that the user's relative paths start from
	terminal bool      // err is one

	build   func(ctx context.Context, repo, binary string) (suite, error)
	gate    rounds.Gate
	examine func() []doctor.Finding
	now     func() time.Time
}

func main() { os.Exit(start(newApp())) }

func newApp() *app {
	a := &app{
		out: os.Stdout, err: os.Stderr, repo: ".", caller: os.Getenv(callerEnv), terminal: isTerminal(os.Stderr),
		build: buildSuite, gate: quiet.New(os.DirFS("/")), now: time.Now,
		examine: func() []doctor.Finding { return doctor.Examine(os.DirFS("/")) },
	}
	if packed() {
		a.carry(packedSuite)
	}
	return a
}

func buildSuite(ctx context.Context, repo, binary string) (suite, error) {
	if err := sample.Build(ctx, repo, benchDir, binary); err != nil {
		return nil, err
	}
	return &sample.Binary{Path: binary, Dir: benchPath(repo), Patience: 2 * time.Minute, Root: os.DirFS("/")}, nil
}

// start runs the program and turns its error into a message and an exit code.
func start(a *app) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	// A later interrupt ends the program at once. Not the next moment's: some who pass
	// an interrupt on to a program and to its group make two of one.
	context.AfterFunc(ctx, func() { time.Sleep(2 * time.Second); stop() })
	err := a.run(ctx, os.Args[1:])
	if err == nil {
		return 0
	}
	if code := verdictCode(0); errors.As(err, &code) {
		return int(code)
	}
	if errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(a.err, "benchstat.sh: interrupted")
		return exitInterrupted
	}
	_, _ = fmt.Fprintln(a.err, "benchstat.sh: "+oneLine(err))
	if errors.As(err, new(usageError)) || errors.As(err, new(badInput)) {
		return exitUsage
	}
	return exitFailed
}

// oneLine joins the lines that errors.Join makes; the indented output of a program that
// failed keeps its lines.
func oneLine(err error) string {
	text := strings.ReplaceAll(err.Error(), "\n    ", "\x00")
	return strings.ReplaceAll(strings.ReplaceAll(text, "\n", "; "), "\x00", "\n    ")
}

func (a *app) run(ctx context.Context, args []string) error {
	verb := "run"
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		verb, args = args[0], args[1:]
	}
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help") {
		verb, args = "help", nil
	}
	switch verb {
	case "run":
		o, err := parseOptions(args)
		if err != nil {
			return err
		}
		return a.measure(ctx, o)
	case "table":
		return a.table(args)
	case "compare":
		return a.compare(args)
	case "gate":
		return a.compareBuilds(ctx, args)
	case "doctor":
		return a.doctor(args)
	case "readme":
		return a.readme(args)
	case "report":
		return a.report(args)
	case "serve":
		return a.serve(ctx, args)
	case "json":
		return a.json(args)
	case "history":
		return a.history(args)
	case "scaling":
		return a.scaling(args)
	case "pack":
		return a.pack(ctx, args)
	case "add":
		return a.add(args)
	case "cost":
		return a.costs(ctx, args)
	case "help":
		return a.print(a.usage(ctx))
	}
	return misuse("unknown verb %q: run, table, compare, gate, doctor, readme, report, serve, json, history, scaling, cost, pack, add or help", verb)
}

// print writes an answer. A reader that went away is an error like any other.
func (a *app) print(text string) error {
	_, err := io.WriteString(a.out, text)
	return err
}

// remark writes something about the run that no one may have to parse.
func (a *app) remark(format string, args ...any) {
	_, _ = fmt.Fprintf(a.err, format+"\n", args...)
}

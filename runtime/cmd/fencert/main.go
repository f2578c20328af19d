// Fencert looks at what fence runtimes share between processes.
//
//	fencert watch FILE                a shared timeline, live: value, rate, who sleeps, who writes
//	fencert watch -once FILE          one look
//	fencert watch -json FILE          an object for each look, a line each
//	fencert watch -every 1s FILE      how often it looks
//
// It opens the file for reading: it wakes nobody and changes nothing. In a terminal it rewrites one line, elsewhere it prints one
// for each look. Interrupt ends it. It exits with 0; with 1 where the file can't be opened or turns out damaged; with 2 for wrong
// arguments.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const usage = `usage: fencert watch [-once] [-json] [-every 200ms] FILE

watch shows a shared timeline: its value, how fast it moves, who sleeps for it, who writes it.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr, isTerminal(os.Stdout))
	stop()
	os.Exit(code)
}

// isTerminal tells whether lines may be rewritten.
func isTerminal(f *os.File) bool {
	s, err := f.Stat()
	return err == nil && s.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
}

// run is the command; it returns the exit status.
func run(ctx context.Context, args []string, out, problems io.Writer, terminal bool) int {
	if len(args) > 0 && (args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help") {
		fmt.Fprint(out, usage)
		return 0
	}
	if len(args) == 0 || args[0] != "watch" {
		fmt.Fprint(problems, usage)
		return 2
	}
	w := watcher{out: out, rewrite: terminal}
	flags := flag.NewFlagSet("watch", flag.ContinueOnError)
	flags.SetOutput(problems)
	flags.Usage = func() {
		fmt.Fprint(problems, usage)
		flags.PrintDefaults()
	}
	flags.BoolVar(&w.once, "once", false, "look once")
	flags.BoolVar(&w.json, "json", false, "print JSON, an object a line")
	flags.DurationVar(&w.every, "every", 200*time.Millisecond, "the time between two looks")
	switch err := flags.Parse(args[1:]); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case flags.NArg() != 1:
		fmt.Fprintln(problems, "fencert watch: one file, and no more, must be named")
		flags.Usage()
		return 2
	case w.every <= 0:
		fmt.Fprintln(problems, "fencert watch: -every must be more than 0")
		return 2
	}
	if err := w.watch(ctx, flags.Arg(0)); err != nil {
		fmt.Fprintln(problems, "fencert watch:", err)
		return 1
	}
	return 0
}

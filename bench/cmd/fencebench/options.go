package main

import (
	"errors"
	"flag"
	"io"
	"math/rand/v2"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/fencert/fencert/bench/internal/plan"
)

// Defaults and bounds of the flags of run.
const (
	defaultCount     = 6
	defaultBenchTime = 100 * time.Millisecond
	maxCount         = 1000
	maxBenchTime     = time.Hour
)

// options are the flags of run.
type options struct {
	full      bool
	bench     string // a -test.bench pattern; empty: the default rows
	cpus      []int
	count     int
	benchTime time.Duration
	seed      uint64
	seeded    bool     // given, not drawn
	out       string   // empty: the checkout's own results
	args      []string // as given, to tell how to go on
}

func parseOptions(args []string) (*options, error) {
	o := &options{
		cpus: plan.Ladder(runtime.NumCPU()), count: defaultCount, benchTime: defaultBenchTime,
		seed: rand.Uint64N(1_000_000), args: args,
	}
	f := flag.NewFlagSet("run", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.BoolVar(&o.full, "full", false, "")
	f.Func("out", "", o.setOut)
	f.Func("bench", "", o.setBench)
	f.Func("cpu", "", func(s string) (err error) { o.cpus, err = plan.ParseCPUs(s); return err })
	f.Func("count", "", o.setCount)
	f.Func("benchtime", "", o.setBenchTime)
	f.Func("seed", "", o.setSeed)
	if err := f.Parse(args); err != nil {
		return nil, usageError{plainer(err)}
	}
	switch {
	case f.NArg() > 0:
		return nil, misuse("run takes no argument %q", f.Arg(0))
	case o.full && o.bench != "":
		return nil, misuse("--full takes all rows, --bench some: give one of them")
	}
	return o, nil
}

func (o *options) setBench(s string) error {
	if s == "" {
		return errors.New("an empty regular expression")
	}
	if _, err := regexp.Compile(s); err != nil {
		return err
	}
	o.bench = s
	return nil
}

func (o *options) setCount(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxCount {
		return errors.New("not a number from 1 to " + strconv.Itoa(maxCount))
	}
	o.count = n
	return nil
}

func (o *options) setBenchTime(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 || d > maxBenchTime {
		return errors.New("not a duration up to an hour, such as 100ms")
	}
	o.benchTime = d
	return nil
}

func (o *options) setSeed(s string) error {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return errors.New("not a whole number from 0")
	}
	o.seed, o.seeded = n, true
	return nil
}

func (o *options) setOut(s string) error {
	if s == "" {
		return errors.New("not the name of a directory")
	}
	o.out = s
	return nil
}

// again returns the command line that repeats the run in the same order.
func (o *options) again() string {
	words := []string{"./benchstat.sh", "run"}
	for _, a := range o.args {
		words = append(words, quote(a))
	}
	if !o.seeded {
		words = append(words, "--seed", strconv.FormatUint(o.seed, 10))
	}
	return strings.Join(words, " ")
}

var harmless = regexp.MustCompile(`^[-\w./=,:+]+$`)

func quote(s string) string {
	if harmless.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// plainer says in the spelling of our help what the flag package says in its own.
func plainer(err error) error {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "flag provided but not defined: -"); ok {
		return errors.New("unknown flag --" + name)
	}
	text = strings.Replace(text, "flag -", "--", 1)
	return errors.New(strings.Replace(text, "flag needs an argument: -", "a value is missing after --", 1))
}

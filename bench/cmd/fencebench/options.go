package main

import (
	"cmp"
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
	"github.com/fencert/fencert/bench/internal/sample"
)

// Defaults and bounds of the flags of run.
const (
	defaultCount     = 8  // of a hundred rows: see package verdict
	fullCount        = 10 // of a thousand
	gateCount        = 12
	defaultBenchTime = 50 * time.Millisecond
	fullBenchTime    = 80 * time.Millisecond
	maxCount         = 1000
	maxBenchTime     = time.Hour
)

// options are the flags of run and gate.
type options struct {
	full      bool
	fresh     bool   // begin anew, even if an interrupted run could go on
	pin       bool   // keep each sample on as many processors as it is measured on
	mixed     bool   // compare although the machines differ
	bench     string // a -test.bench pattern; empty: the default rows
	cpus      []int
	count     int
	benchTime time.Duration
	seed      uint64
	seeded    bool     // given, not drawn
	out       string   // empty: the checkout's own results
	args      []string // as given, to tell how to go on
}

func newOptions(count int) *options {
	return &options{
		cpus: plan.Ladder(runtime.NumCPU()), count: count, benchTime: defaultBenchTime,
		seed: rand.Uint64N(1_000_000),
	}
}

// parseOptions reads the flags of run.
func parseOptions(args []string) (*options, error) {
	o := newOptions(0)
	o.benchTime = 0
	f := o.flags("run")
	f.BoolVar(&o.full, "full", false, "")
	f.BoolVar(&o.fresh, "fresh", false, "")
	rest, err := o.parse(f, args)
	switch {
	case err != nil:
		return nil, err
	case len(rest) > 0:
		return nil, misuse("run takes no argument %q", rest[0])
	case o.full && o.bench != "":
		return nil, misuse("--full takes all rows, --bench some: give one of them")
	}
	count, benchTime := defaultCount, defaultBenchTime
	if o.full {
		count, benchTime = fullCount, fullBenchTime
	}
	o.count, o.benchTime = cmp.Or(o.count, count), cmp.Or(o.benchTime, benchTime)
	return o, nil
}

// bare is a set without flags.
func (o *options) bare(verb string) *flag.FlagSet {
	f := flag.NewFlagSet(verb, flag.ContinueOnError)
	f.SetOutput(io.Discard)
	return f
}

// flags are those that run and gate share.
func (o *options) flags(verb string) *flag.FlagSet {
	f := o.bare(verb)
	f.BoolVar(&o.pin, "pin", false, "")
	f.Func("out", "", o.setOut)
	f.Func("bench", "", o.setBench)
	f.Func("cpu", "", func(s string) (err error) { o.cpus, err = plan.ParseCPUs(s); return err })
	f.Func("count", "", o.setCount)
	f.Func("benchtime", "", o.setBenchTime)
	f.Func("seed", "", o.setSeed)
	return f
}

// parse reads flags wherever they stand, and returns the other arguments.
func (o *options) parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	o.args = args
	for {
		if err := f.Parse(args); err != nil {
			return nil, usageError{plainer(err)}
		}
		if f.NArg() == 0 {
			break
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
	if o.pin && !sample.CanPin {
		return nil, misuse("--pin works on Linux only")
	}
	return rest, nil
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

// again returns the command line of this run.
func (o *options) again() string {
	words := []string{"./benchstat.sh", "run"}
	for _, a := range o.args {
		words = append(words, quote(a))
	}
	return strings.Join(words, " ")
}

// rows names what is measured.
func (o *options) rows() string {
	switch {
	case o.full:
		return "all"
	case o.bench != "":
		return strconv.Quote(o.bench)
	}
	return "default"
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

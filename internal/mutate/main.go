package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// packages are what faults are put into, in this order.
var packages = []string{"internal/depot", "arena", "cbqueue", "epoch", "atomicseq", "internal/wheel", "runtime", "runtime/sharedtimeline"}

func main() {
	code, err := mutate(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		code = 2
	}
	os.Exit(code)
}

// mutate does what the arguments say. code is 1 when a fault survived that shouldn't, or the other way round.
func mutate(args []string) (code int, err error) {
	flags := flag.NewFlagSet("mutate", flag.ContinueOnError)
	only := flags.String("packages", strings.Join(packages, ","), "of which packages")
	match := flags.String("faults", "", "faults whose names match")
	chosen := flags.Bool("named", true, "the faults with names")
	mechanical := flags.Int("mechanical", 0, "how many mechanical faults")
	seed := flags.Uint64("seed", 1, "which of them")
	deep := flags.Bool("deep", true, "try every check; else the first one of a fault with a name, and the package's own of the others")
	page := flags.String("page", "docs/mutants.md", "where the table goes, from the root; empty: nowhere")
	limit := flags.Duration("limit", 60*time.Second, "of the processor, for one test of one fault; five times that by the clock")
	distrust := flags.Bool("distrust", true, "run what fails without the fault too; false: only what doesn't end")
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	wanted, err := regexp.Compile(*match)
	if err != nil {
		return 2, err
	}
	root, err := checkout()
	if err != nil {
		return 2, err
	}
	folder, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return 2, err
	}
	defer os.RemoveAll(folder)
	if *page != "" {
		*page = filepath.Join(root, filepath.FromSlash(*page))
	}
	r := round{page: *page, bench: workbench{root: root, folder: folder, limit: *limit, distrust: *distrust, sound: map[made]verified{}}, only: strings.Split(*only, ","), deep: *deep}
	if err := r.remember(); err != nil {
		return 2, err
	}
	for _, p := range r.only {
		if !slices.Contains(packages, p) {
			return 2, fmt.Errorf("no faults are known in a package %q; there are %s", p, strings.Join(packages, ", "))
		}
	}
	if *chosen {
		list := slices.DeleteFunc(named(), func(f *fault) bool { return !slices.Contains(r.only, f.folder()) || !wanted.MatchString(f.name) })
		r.bench.use(list)
		for _, f := range list {
			if err := r.one(f); err != nil {
				return 2, err
			}
		}
	}
	if *mechanical > 0 {
		r.seed, r.drawn = *seed, *mechanical
		if err := r.sample(wanted); err != nil {
			return 2, err
		}
	}
	if err := r.write(); err != nil {
		return 2, err
	}
	return r.verdict(), nil
}

// checkout is the folder of the module that the working directory is in.
func checkout() (string, error) {
	here, err := os.Getwd()
	for dir := here; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s is not in a checkout", here)
		}
	}
	return "", err
}

// A round is one run of the program.
type round struct {
	bench   workbench
	page    string           // "": none is written
	before  map[string]check // which check caught a fault the last time, by the beginning of its row
	only    []string
	deep    bool
	results []result
	seed    uint64
	drawn   int
	unbuilt int      // mechanical faults that the compiler refused
	broken  []string // what is wrong with faults that have names, and with checks
}

// A result is what became of a fault.
type result struct {
	*fault
	by      check
	outcome               // of the check that caught it; passed: none did
	whole   time.Duration // with what was built
}

// wrong tells whether the fault should have been caught and wasn't, or the other way round.
func (r *result) wrong() bool { return r.passed != (r.harmless != "") }

// one puts one fault in, and says what happened.
func (r *round) one(f *fault) error {
	res, err := r.chase(f)
	if err != nil {
		return err
	}
	switch {
	case res.unbuilt && f.kind == "":
		r.broken = append(r.broken, fmt.Sprintf("%s: it doesn't compile:\n%s", f.name, res.output))
		return nil
	case res.unbuilt:
		r.unbuilt++
		return nil
	}
	if !r.deep && res.passed && f.kind == "" && f.harmless == "" {
		fmt.Printf("%-70s isn't caught by %v\n", f.name, f.checks()[0])
		return nil // there are other checks
	}
	r.results = append(r.results, res)
	said := "SURVIVES"
	switch {
	case !res.passed:
		said = fmt.Sprintf("%v: %s %s after %.1f s", res.by, res.test, res.how, res.took.Seconds())
	case f.harmless != "":
		said = "survives, as it must"
	}
	fmt.Printf("%-70s %s (%.0f s in all)\n", f.name, said, res.whole.Seconds())
	return r.write() // so that nothing is lost when this is stopped
}

// chase tries one check after the other until one catches the fault.
func (r *round) chase(f *fault) (res result, err error) {
	begun := time.Now()
	defer func() { res.whole = time.Since(begun) }()
	checks := f.checks()
	if !r.deep {
		checks = f.shallow()
	}
	if c, known := r.before[f.folder()+f.rowBegin()]; known && f.kind == "" {
		checks = compact(append([]check{c}, checks...))
	}
	for _, c := range checks {
		o, woven, err := r.bench.try(c, f)
		if err == nil && !o.passed && woven && r.bench.believe(c, woven, o) != nil { // what was woven calls one function more
			o, err = r.bench.tryAlone(c, f)
			woven = false
		}
		if err != nil {
			return result{}, err
		}
		if res = (result{fault: f, by: c, outcome: o}); !o.passed {
			if o.unbuilt {
				return res, nil
			}
			err := r.bench.believe(c, woven, o)
			if err == nil {
				return res, nil
			}
			if text := err.Error(); !slices.Contains(r.broken, text) { // this check says nothing, the next one may
				r.broken = append(r.broken, text)
			}
			res.outcome = outcome{passed: true}
		}
	}
	return res, nil
}

// sample draws mechanical faults, by turns from each package.
func (r *round) sample(wanted *regexp.Regexp) error {
	random := rand.New(rand.NewPCG(r.seed, 0))
	var piles [][]*fault
	for _, p := range r.only {
		pile, err := generate(r.bench.root, p)
		if err != nil {
			return err
		}
		random.Shuffle(len(pile), func(i, k int) { pile[i], pile[k] = pile[k], pile[i] })
		piles = append(piles, slices.DeleteFunc(pile, func(f *fault) bool { return !wanted.MatchString(f.name) }))
	}
	var woven []*fault
	for _, pile := range piles { // some more than there will be, for those that don't compile
		woven = append(woven, pile[:min(len(pile), 2*(r.drawn/len(piles)+1))]...)
	}
	r.bench.use(woven)
	before := len(r.results)
	for len(r.results)-before < r.drawn && len(piles) > 0 {
		for k := 0; k < len(piles) && len(r.results)-before < r.drawn; k++ {
			for n := len(r.results); n == len(r.results) && len(piles[k]) > 0; piles[k] = piles[k][1:] {
				f := piles[k][0]
				f.harmless = explained[place{f.file, f.kind, f.where}]
				if err := r.one(f); err != nil {
					return err
				}
			}
		}
		piles = slices.DeleteFunc(piles, func(p []*fault) bool { return len(p) == 0 })
	}
	return nil
}

// verdict says what is wrong, and is the code to exit with.
func (r *round) verdict() (code int) {
	for _, text := range r.broken {
		code = 1
		fmt.Fprintln(os.Stderr, "mutate:", text)
	}
	for _, res := range r.results {
		if !res.wrong() {
			continue
		}
		code = 1
		if res.passed {
			fmt.Fprintf(os.Stderr, "mutate: nothing notices: %s (%s)\n", res.name, res.where)
		} else {
			fmt.Fprintf(os.Stderr, "mutate: said to be harmless, but %v notices: %s\n", res.by, res.name)
		}
	}
	return code
}

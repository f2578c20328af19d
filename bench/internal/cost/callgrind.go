package cost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// attempts is how often valgrind is tried: it cannot follow each signal that Go takes, and ends then.
const attempts = 3

// count fills in the instructions.
func (t *Table) count(ctx context.Context, valgrind, program, file string) (err error) {
	for range attempts {
		var labels, counts []byte
		if labels, counts, err = callgrind(ctx, valgrind, program, file); err == nil {
			return t.fill(string(labels), string(counts))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return err
}

// callgrind returns what the program printed and what valgrind counted.
func callgrind(ctx context.Context, valgrind, program, file string) (labels, counts []byte, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, valgrind, "--tool=callgrind", "--callgrind-out-file="+file, "--combine-dumps=yes",
		"--separate-threads=yes", "--dump-before=main.mark", program, "instructions", strconv.Itoa(Operations))
	c.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1", "GOGC=off")
	if labels, err = output(ctx, c); err != nil {
		return nil, nil, err
	}
	counts, err = os.ReadFile(file)
	return labels, counts, errors.Join(err, os.Remove(file))
}

// A stretch is what was counted between two marks. Those with the same number do the same work, if their length is the same.
type stretch struct{ operations, number int }

// least are the fewest instructions of each stretch.
type least map[stretch]int

func (l least) add(s stretch, instructions int) {
	if n, ok := l[s]; !ok || instructions < n {
		l[s] = instructions
	}
}

// fill joins the lines that the program printed with the counts of the first thread, which come in the same order.
func (t *Table) fill(labels, counts string) error {
	head, rest, _ := strings.Cut(strings.TrimSuffix(labels, "\n"), "\n")
	host, err := parseHost(head)
	if err != nil {
		return err
	}
	t.Host = host
	lines, sums := strings.Split(rest, "\n"), firstThread(counts)
	if len(lines) > len(sums) {
		return fmt.Errorf("%w: %d stretches, and callgrind counted %d", ErrCounting, len(lines), len(sums))
	}
	found := map[string]least{}
	together := map[string]string{}
	for i, line := range lines {
		if line == "aside" {
			continue
		}
		f := strings.Fields(line)
		if len(f) != 5 {
			return fmt.Errorf("%w: unexpected line %q", ErrCounting, line)
		}
		n, err := strconv.Atoi(f[2])
		number, err2 := strconv.Atoi(f[4])
		if err != nil || err2 != nil || n < 1 {
			return fmt.Errorf("%w: unexpected line %q", ErrCounting, line)
		}
		key := f[0] + " " + f[1]
		if found[key] == nil {
			found[key] = least{}
		}
		found[key].add(stretch{n, number}, sums[i])
		together[key] = f[3]
	}
	for i := range t.Rows {
		r := &t.Rows[i]
		x, err := one(found[title(*r)], together[title(*r)])
		if err != nil {
			return fmt.Errorf("%s: %w", title(*r), err)
		}
		r.Instructions = &x
	}
	return t.valid("the table made anew")
}

// firstThread returns the sums of the parts that are of the first thread.
func firstThread(counts string) (sums []int) {
	first := false
	for line := range strings.Lines(counts) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "thread":
			first = value == "1"
		case "totals":
			if n, err := strconv.Atoi(value); err == nil && first {
				sums = append(sums, n)
			}
		}
	}
	return sums
}

// one returns the instructions of one operation, to a hundredth.
func one(found least, together string) (float64, error) {
	if len(found) < 2 {
		return 0, fmt.Errorf("%w: %d kinds of stretches", ErrCounting, len(found))
	}
	if together == "mean" {
		operations, instructions := 0, 0
		for s, n := range found {
			operations += s.operations
			instructions += n
		}
		return hundredth(float64(instructions) / float64(operations)), nil
	}
	byLength := func(a, b stretch) int { return a.operations - b.operations }
	stretches := slices.SortedFunc(maps.Keys(found), byLength)
	short, long := stretches[0], stretches[len(stretches)-1]
	if short.operations == long.operations {
		return 0, fmt.Errorf("%w: stretches of one length only", ErrCounting)
	}
	return hundredth(float64(found[long]-found[short]) / float64(long.operations-short.operations)), nil
}

func hundredth(x float64) float64 { return math.Round(x*100) / 100 }

package epoch

import (
	"slices"
	"testing"
)

// newDomain makes a domain and a reclaim function that notes its arguments in ran.
func newDomain(t testing.TB, c Config) (d *Domain, id ReclaimerID, ran *[]uint64) {
	t.Helper()
	d, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	ran = new([]uint64)
	return d, reclaimer(t, d, func(arg uint64) { *ran = append(*ran, arg) }), ran
}

func reclaimer(t testing.TB, d *Domain, f Reclaim) ReclaimerID {
	t.Helper()
	id, err := d.Reclaimer(f)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func register(t testing.TB, d *Domain) *Participant {
	t.Helper()
	p, err := d.Register()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func retire(t testing.TB, p *Participant, id ReclaimerID, args ...uint64) {
	t.Helper()
	for _, a := range args {
		if err := p.Retire(id, a); err != nil {
			t.Fatalf("Retire(%d): %v", a, err)
		}
	}
}

func wantRan(t testing.TB, ran *[]uint64, want ...uint64) {
	t.Helper()
	if !slices.Equal(*ran, want) {
		t.Fatalf("reclaimed %v, want %v", *ran, want)
	}
}

// collect calls Collect n times and returns how many functions ran.
func collect(p *Participant, n int) (ran int) {
	for range n {
		ran += p.Collect()
	}
	return ran
}

// panicOf returns what f panics with.
func panicOf(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

package epoch

import "testing"

func TestNothingAllocates(t *testing.T) {
	d, err := New(Config{MaxRetired: 64})
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	id := reclaimer(t, d, func(uint64) { ran++ })
	p, reader := register(t, d), register(t, d)
	reader.Pin()
	reader.Unpin()
	for name, f := range map[string]func(){
		"Pin, Unpin": func() { p.Pin(); p.Pin(); p.Unpin(); p.Unpin() },
		"Retire, Collect": func() {
			for a := range uint64(20) { // more than a batch
				if p.Retire(id, a) != nil {
					t.Fatal("full")
				}
			}
			p.Collect()
			p.Collect()
		},
		"full": func() {
			for p.Retire(id, 0) == nil {
			}
			p.Collect()
			p.Collect()
		},
		"Synchronize": func() {
			if p.Synchronize(t.Context()) != nil {
				t.Fatal("no grace period")
			}
		},
		"Stats": func() { d.Stats() },
	} {
		if a := testing.AllocsPerRun(100, f); a != 0 {
			t.Errorf("%s: %v allocations", name, a)
		}
	}
	if ran < 2000 {
		t.Errorf("only %d reclaimed: the test measured something else", ran)
	}
}

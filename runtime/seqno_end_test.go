package fencert

import "testing"

// TestSeqnosDontEnd: Arm cannot fail, so a fence context doesn't begin where its seqnos would run out.
func TestSeqnosDontEnd(t *testing.T) {
	x := newFixture(t, small)
	for _, start := range []uint64{1<<62 + 1, MaxPoint - 1, MaxPoint, MaxPoint + 1, ^uint64(0)} {
		for _, options := range [][]ContextOption{{StartAt(start)}, {StartAt(start), SingleIssuer()}} {
			_, err := x.rt.NewFenceContext("", "", options...)
			x.want("NewFenceContext", err, ErrRange)
		}
	}
	for _, options := range [][]ContextOption{{StartAt(1 << 62)}, {StartAt(1 << 62), SingleIssuer()}} {
		c := must(x.rt.NewFenceContext("", "", options...))
		for want := uint64(1<<62 + 1); want < 1<<62+4; want++ {
			i := must(x.l.NewFence(c))
			if n := must(i.Fence().Seqno()); n != want || c.LastSeqno() != want {
				t.Errorf("seqno %d, last %d, want %d", n, c.LastSeqno(), want)
			}
			x.want("Finish", x.l.Finish(i, nil), nil)
		}
	}
}

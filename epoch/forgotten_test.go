//go:build !explore

package epoch

import (
	"runtime"
	"testing"
	"time"
)

// abandon runs f on a goroutine that ends with a participant that nobody unregisters.
func abandon(t *testing.T, d *Domain, f func(*Participant)) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p, err := d.Register()
		if err != nil {
			t.Error(err)
			return
		}
		f(p)
	}()
	<-done
}

// found waits until the garbage collector has found n forgotten participants.
func found(t *testing.T, d *Domain, n uint64) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); d.Stats().Forgotten < n; time.Sleep(time.Millisecond) {
		if runtime.GC(); time.Now().After(end) {
			t.Fatalf("%+v, want %d found", d.Stats(), n)
		}
	}
}

// TestForgottenParticipants: a goroutine ends and leaves one with garbage, pinned or not, or with neither. Others
// reclaim what it retired, once, and its place is free again.
func TestForgottenParticipants(t *testing.T) {
	const each = batchSize + 3
	d, id, ran := newDomain(t, Config{MaxParticipants: 4})
	other := register(t, d)
	fill := func(p *Participant) {
		for i := range uint64(each) {
			retire(t, p, id, i)
		}
	}
	abandon(t, d, func(*Participant) {})
	abandon(t, d, fill)
	abandon(t, d, func(p *Participant) { p.Pin(); p.Pin(); fill(p) })
	found(t, d, 3)
	if st := d.Stats(); st.Participants != 1 || st.Pinned != 0 || st.Retired != 2*each || st.Orphans != 2 {
		t.Fatalf("%+v", st)
	}
	if n := collect(other, 2); n != 2*each || len(*ran) != 2*each {
		t.Fatalf("%d of %d reclaimed, %d functions ran", n, 2*each, len(*ran))
	}
	for range 3 {
		register(t, d)
	}
}

// TestOpenSectionIsNotForgotten: as long as somebody will call Unpin, a collection of garbage doesn't end the section of
// a participant that nothing else refers to.
func TestOpenSectionIsNotForgotten(t *testing.T) {
	d, id, _ := newDomain(t, Config{})
	other := register(t, d)
	pinned, leave, left := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		p, err := d.Register()
		if err != nil {
			t.Error(err)
		}
		p.Pin()
		close(pinned)
		<-leave
		p.Unpin()
	}()
	<-pinned
	retire(t, other, id, 1)
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
		if n := collect(other, 2); n != 0 || d.Stats().Forgotten != 0 {
			t.Fatalf("%d reclaimed under a reader, %+v", n, d.Stats())
		}
	}
	close(leave)
	<-left
	if n := collect(other, 2); n != 1 {
		t.Fatalf("%d reclaimed", n)
	}
	found(t, d, 1) // now it is
}

// TestUnregisteredIsNotForgotten: the cleanup is called off, or it would take the next owner's slot.
func TestUnregisteredIsNotForgotten(t *testing.T) {
	d, _, _ := newDomain(t, Config{MaxParticipants: 1})
	for range 20 {
		abandon(t, d, func(p *Participant) {
			if err := p.Unregister(); err != nil {
				t.Error(err)
			}
		})
	}
	p := register(t, d)
	p.Pin()
	for range 3 {
		runtime.GC()
		time.Sleep(time.Millisecond)
	}
	if st := d.Stats(); st.Forgotten != 0 || st.Pinned != 1 || st.Participants != 1 {
		t.Errorf("%+v", st)
	}
	p.Unpin()
}

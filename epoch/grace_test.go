package epoch

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestSynchronizeWithoutReaders(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	p := register(t, d)
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	before := d.Epoch()
	if err := p.Synchronize(t.Context()); err != nil || d.Epoch() < before+gracePeriod {
		t.Fatalf("%v, epoch from %d to %d", err, before, d.Epoch())
	}
	if err := d.Synchronize(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := d.Synchronize(canceled); err != nil {
		t.Fatalf("canceled, but nobody is in the way: %v", err)
	}
}

func TestSynchronizeWaitsForTheReader(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	reader, writer := register(t, d), register(t, d)
	reader.Pin()
	left := false // plain: the race detector checks that Synchronize orders it (I4)
	done := make(chan error)
	go func() {
		err := writer.Synchronize(context.Background())
		if !left {
			t.Error("Synchronize has returned in a section")
		}
		done <- err
	}()
	select {
	case <-done:
		t.Fatal("Synchronize didn't wait")
	case <-time.After(20 * time.Millisecond): // by now it sleeps
	}
	left = true
	reader.Unpin()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

func TestSynchronizeEndsWithItsContext(t *testing.T) {
	d, id, _ := newDomain(t, Config{})
	reader, writer := register(t, d), register(t, d)
	reader.Pin()
	cause := errors.New("enough")
	for name, wait := range map[string]func(context.Context) error{
		"Domain": d.Synchronize, "Participant": writer.Synchronize,
		"Barrier": func(ctx context.Context) error { retire(t, writer, id, 1); return writer.Barrier(ctx) },
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(5*time.Millisecond, func() { cancel(cause) })
		if err := wait(ctx); err != cause {
			t.Errorf("%s: %v", name, err)
		}
		if err := wait(ctx); err != cause { // canceled from the beginning
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSynchronizePinned(t *testing.T) {
	d, _, _ := newDomain(t, Config{})
	p := register(t, d)
	p.Pin()
	if err := p.Synchronize(t.Context()); !errors.Is(err, ErrPinned) {
		t.Errorf("Synchronize: %v", err)
	}
	if err := p.Barrier(t.Context()); !errors.Is(err, ErrPinned) {
		t.Errorf("Barrier: %v", err)
	}
}

func TestBarrier(t *testing.T) {
	d, id, ran := newDomain(t, Config{})
	p, reader := register(t, d), register(t, d)
	if err := p.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	retire(t, p, id, 1, 2, 3)
	reader.Pin()
	time.AfterFunc(10*time.Millisecond, reader.Unpin) // handed on: the timer's goroutine owns it now
	if err := p.Barrier(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantRan(t, ran, 1, 2, 3)
}

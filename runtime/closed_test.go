package fencert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// An afterlife is a runtime after Close, with one of everything from before.
type afterlife struct {
	*fixture
	issuer    Issuer // pending when the runtime was closed: signaled with ErrCanceled, not dropped
	ticket    Ticket // of a callback that Close has run
	hold      Hold   // of the issuer's fence
	room      Reservation
	reclaimer Reclaimer
	line      *Timeline // at 5, and closed with the runtime

	window  *CommitWindow  // of another timeline at 5
	source  *Source        // of line
	word    *atomic.Uint64 // that the source follows, and attached writes go to
	writes  *SeqWrites
	written SeqWrite // when the runtime was closed
}

// address is the word as a mapping has it.
func (a *afterlife) address() *uint64 { return word64Of(a.word) }

// narrow is the first half of it.
func (a *afterlife) narrow() *uint32 { return (*uint32)(unsafe.Pointer(a.word)) }

func newAfterlife(t *testing.T) *afterlife {
	x := newFixture(t, small)
	a := &afterlife{fixture: x, room: must(x.l.Reserve()), issuer: x.arm()}
	a.ticket = x.add(a.issuer.Fence(), 1)
	a.hold = must(x.l.Hold(a.issuer.Fence()))
	a.line = must(x.rt.NewTimeline("a", "line", StartAt(5)))
	a.window, a.word, a.writes = x.window(8, StartAt(5)), new(atomic.Uint64), must(x.rt.NewSeqWrites(4))
	a.source = must(NewSource(a.line, a.address(), 0))
	a.written = must(a.writes.Attach64(a.line.At(6), a.address(), 6))
	a.reclaimer = must(x.rt.Reclaimer(func(uint64) {}))
	x.want("Pin", x.l.Pin(), nil)
	x.l.Unpin()
	x.want("Close", x.rt.Close(), ErrLeaked)
	x.wantRan(1)
	return a
}

// is turns an answer that is no error into one, when it isn't the documented one.
func is[T any](got, want T) error {
	if any(got) != any(want) {
		return fmt.Errorf("%v, want %v", got, want)
	}
	return nil
}

// only is the error of a call with two results.
func only[T any](_ T, err error) error { return err }

// after are all public calls, by type and method, with what they answer after Close of the runtime. nil: they work.
var after = map[string]struct {
	call func(a *afterlife) error
	want error
}{
	"Runtime.Arm":             {func(a *afterlife) error { return a.rt.Arm(a.room, a.c).Fence().Err() }, ErrClosed},
	"Runtime.Cancel":          {func(a *afterlife) error { return is(a.rt.Cancel(a.ticket), false) }, nil},
	"Runtime.Close":           {func(a *afterlife) error { return a.rt.Close() }, ErrClosed},
	"Runtime.Config":          {func(a *afterlife) error { return is(a.rt.Config().Fences, small.Fences) }, nil},
	"Runtime.Drop":            {func(a *afterlife) error { return a.rt.Drop(a.issuer) }, nil},
	"Runtime.Dump":            {func(a *afterlife) error { return a.rt.Dump(new(bytes.Buffer)) }, nil},
	"Runtime.Fence":           {func(a *afterlife) error { return is(a.rt.Fence(0), Fence{}) }, nil},
	"Runtime.Finish":          {func(a *afterlife) error { return a.rt.Finish(a.issuer, nil) }, ErrSignaled},
	"Runtime.Handler":         {func(a *afterlife) error { return only(a.rt.Handler(func(*Local, uint64, error) {})) }, ErrClosed},
	"Runtime.Hold":            {func(a *afterlife) error { return only(a.rt.Hold(a.issuer.Fence())) }, nil},
	"Runtime.Issuer":          {func(a *afterlife) error { return is(a.rt.Issuer(0), Issuer{}) }, nil},
	"Runtime.Local":           {func(a *afterlife) error { l := a.rt.Local(); defer l.Close(); return only(l.Reserve()) }, ErrClosed},
	"Runtime.NewFence":        {func(a *afterlife) error { return only(a.rt.NewFence(a.c)) }, ErrClosed},
	"Runtime.NewFenceContext": {func(a *afterlife) error { return only(a.rt.NewFenceContext("a", "b")) }, ErrClosed},
	"Runtime.OnSignal":        {func(a *afterlife) error { return only(a.rt.OnSignal(a.issuer.Fence(), a.note, 2)) }, ErrSignaled},
	"Runtime.OnSignalMany":    {func(a *afterlife) error { return a.rt.OnSignalMany(a.issuer.Fence(), a.note, []uint64{2}) }, ErrSignaled},
	"Runtime.Reclaimer":       {func(a *afterlife) error { return only(a.rt.Reclaimer(func(uint64) {})) }, ErrClosed},
	"Runtime.Release":         {func(a *afterlife) error { return a.rt.Release(a.hold) }, nil},
	"Runtime.Reserve":         {func(a *afterlife) error { return only(a.rt.Reserve()) }, ErrClosed},
	"Runtime.Signal":          {func(a *afterlife) error { return a.rt.Signal(a.issuer, nil) }, ErrSignaled},
	"Runtime.Snapshot":        {func(a *afterlife) error { s := a.rt.Snapshot(); return is(s.Closed && s.Kept == 1, true) }, nil},
	"Runtime.SnapshotLimit":   {func(a *afterlife) error { return is(len(a.rt.SnapshotLimit(0).Contexts[0].Fences), 0) }, nil},
	"Runtime.Stats":           {func(a *afterlife) error { return is(a.rt.Stats().Closed, true) }, nil},
	"Runtime.Unreserve":       {func(a *afterlife) error { return is(a.rt.Unreserve(a.room), true) }, nil},

	"Local.Arm":              {func(a *afterlife) error { return a.l.Arm(a.room, a.c).Fence().Err() }, ErrClosed},
	"Local.Cancel":           {func(a *afterlife) error { return is(a.l.Cancel(a.ticket), false) }, nil},
	"Local.Close":            {func(a *afterlife) error { a.l.Close(); return nil }, nil},
	"Local.Collect":          {func(a *afterlife) error { return is(a.l.Collect(), 0) }, nil},
	"Local.Drop":             {func(a *afterlife) error { return a.l.Drop(a.issuer) }, nil},
	"Local.Finish":           {func(a *afterlife) error { return a.l.Finish(a.issuer, nil) }, ErrSignaled},
	"Local.Hold":             {func(a *afterlife) error { return only(a.l.Hold(a.issuer.Fence())) }, nil},
	"Local.NewFence":         {func(a *afterlife) error { return only(a.l.NewFence(a.c)) }, ErrClosed},
	"Local.OnSignal":         {func(a *afterlife) error { return only(a.l.OnSignal(a.issuer.Fence(), a.note, 2)) }, ErrSignaled},
	"Local.OnSignalMany":     {func(a *afterlife) error { return a.l.OnSignalMany(a.issuer.Fence(), a.note, []uint64{2}) }, ErrSignaled},
	"Local.Pin":              {func(a *afterlife) error { defer a.l.Unpin(); return a.l.Pin() }, nil},
	"Local.Release":          {func(a *afterlife) error { return a.l.Release(a.hold) }, nil},
	"Local.Reserve":          {func(a *afterlife) error { return only(a.l.Reserve()) }, ErrClosed},
	"Local.ReserveCallbacks": {func(a *afterlife) error { return a.l.ReserveCallbacks(2) }, nil},
	"Local.Retire":           {func(a *afterlife) error { return a.l.Retire(a.reclaimer, 1) }, nil},
	"Local.Runtime":          {func(a *afterlife) error { return is(a.l.Runtime(), a.rt) }, nil},
	"Local.Signal":           {func(a *afterlife) error { return a.l.Signal(a.issuer, nil) }, ErrSignaled},
	"Local.Unpin":            {func(a *afterlife) error { _ = a.l.Pin(); a.l.Unpin(); return nil }, nil},
	"Local.Unreserve":        {func(a *afterlife) error { return is(a.l.Unreserve(a.room), true) }, nil},

	"FenceContext.Driver":    {func(a *afterlife) error { return is(a.c.Driver(), "driver") }, nil},
	"FenceContext.ID":        {func(a *afterlife) error { return is(a.c.ID(), 1) }, nil},
	"FenceContext.LastSeqno": {func(a *afterlife) error { return is(a.c.LastSeqno(), 1) }, nil},
	"FenceContext.Timeline":  {func(a *afterlife) error { return is(a.c.Timeline(), "timeline") }, nil},

	"Fence.CallbacksDone": {func(a *afterlife) error { return is(a.issuer.Fence().CallbacksDone(), true) }, nil},
	"Fence.Context":       {func(a *afterlife) error { return only(a.issuer.Fence().Context()) }, ErrStale},
	"Fence.Err":           {func(a *afterlife) error { return a.issuer.Fence().Err() }, ErrCanceled},
	"Fence.Ref":           {func(a *afterlife) error { return is(a.issuer.Fence().Ref(), 0) }, nil},
	"Fence.Seqno":         {func(a *afterlife) error { return only(a.issuer.Fence().Seqno()) }, ErrStale},
	"Fence.Signaled":      {func(a *afterlife) error { return is(a.issuer.Fence().Signaled(), true) }, nil},
	"Fence.Wait":          {func(a *afterlife) error { return a.issuer.Fence().Wait(context.Background()) }, ErrCanceled},
	"Fence.WaitWith":      {func(a *afterlife) error { return a.issuer.Fence().WaitWith(context.Background(), Park) }, ErrCanceled},

	"Issuer.Fence": {func(a *afterlife) error { return a.issuer.Fence().Err() }, ErrCanceled},
	"Issuer.Ref":   {func(a *afterlife) error { return is(a.issuer.Ref(), 0) }, nil},
	"Hold.Err":     {func(a *afterlife) error { return a.hold.Err() }, ErrCanceled},
	"Hold.Fence":   {func(a *afterlife) error { return is(a.hold.Fence(), a.issuer.Fence()) }, nil},

	"Runtime.Collect": {func(a *afterlife) error { return is(a.rt.Collect(), 0) }, nil},
	"Runtime.Context": {func(a *afterlife) error { return only(a.rt.Context(1)) }, nil},
	"Runtime.Contexts": {func(a *afterlife) error {
		n := 0
		for range a.rt.Contexts() {
			n++
		}
		return is(n, 1)
	}, nil},
	"Runtime.FindContext":     {func(a *afterlife) error { return only(a.rt.FindContext("driver", "timeline")) }, nil},
	"Runtime.Lookup":          {func(a *afterlife) error { return only(a.rt.Lookup("x")) }, ErrNotFound},
	"Runtime.LookupNumber":    {func(a *afterlife) error { return only(a.rt.LookupNumber(1)) }, ErrNotFound},
	"Runtime.OnSignalFunc":    {func(a *afterlife) error { return only(a.rt.OnSignalFunc(a.issuer.Fence(), func(error) {})) }, ErrSignaled},
	"Runtime.Publish":         {func(a *afterlife) error { return only(a.rt.Publish("x", a.issuer.Fence())) }, ErrClosed},
	"Runtime.SetDeadline":     {func(a *afterlife) error { return a.rt.SetDeadline(a.issuer.Fence(), time.Now()) }, ErrSignaled},
	"Runtime.Synchronize":     {func(a *afterlife) error { return a.rt.Synchronize(context.Background()) }, nil},
	"Runtime.Unpublish":       {func(a *afterlife) error { return a.rt.Unpublish("x") }, ErrNotFound},
	"Runtime.UnpublishNumber": {func(a *afterlife) error { return a.rt.UnpublishNumber(1) }, ErrNotFound},

	"Local.Barrier":        {func(a *afterlife) error { return a.l.Barrier(context.Background()) }, nil},
	"Local.BeginSignaling": {func(a *afterlife) error { a.l.BeginSignaling(); a.l.EndSignaling(); return nil }, nil},
	"Local.CancelWait":     {func(a *afterlife) error { return only(a.l.CancelWait(a.ticket)) }, nil},
	"Local.Check":          {func(a *afterlife) error { return a.l.Check(a.issuer.Fence()) }, ErrCanceled},
	"Local.EndSignaling":   {func(a *afterlife) error { a.l.BeginSignaling(); a.l.EndSignaling(); return nil }, nil},
	"Local.OnSignalFunc":   {func(a *afterlife) error { return only(a.l.OnSignalFunc(a.issuer.Fence(), func(error) {})) }, ErrSignaled},
	"Local.Participant":    {func(a *afterlife) error { return only(a.l.Participant()) }, nil},
	"Local.SetDeadline":    {func(a *afterlife) error { return a.l.SetDeadline(a.issuer.Fence(), time.Now()) }, ErrSignaled},
	"Local.Synchronize":    {func(a *afterlife) error { return a.l.Synchronize(context.Background()) }, nil},

	"Runtime.Callbacks":     {func(a *afterlife) error { return is(a.rt.Callbacks(), small.Callbacks) }, nil},
	"Runtime.Fences":        {func(a *afterlife) error { return is(a.rt.Fences(), small.Fences) }, nil},
	"Runtime.Grow":          {func(a *afterlife) error { return a.rt.Grow(small.Fences) }, ErrClosed},
	"Runtime.GrowCallbacks": {func(a *afterlife) error { return a.rt.GrowCallbacks(small.Callbacks) }, ErrClosed},
	"Runtime.ReserveWait":   {func(a *afterlife) error { return only(a.rt.ReserveWait(context.Background())) }, ErrClosed},
	"Local.ReserveWait":     {func(a *afterlife) error { return only(a.l.ReserveWait(context.Background())) }, ErrClosed},
	"Local.Flush":           {func(a *afterlife) error { a.l.Flush(); return nil }, nil},

	"FenceContext.Close": {func(a *afterlife) error { return only(a.c.Close(nil)) }, ErrClosed},

	"Runtime.NewTimeline":  {func(a *afterlife) error { return only(a.rt.NewTimeline("a", "b")) }, ErrClosed},
	"Runtime.OnSignalEach": {func(a *afterlife) error { return a.rt.OnSignalEach(a.line, []uint64{6}, a.note, []uint64{2}, nil) }, ErrSignaled},
	"Local.Done":           {func(a *afterlife) error { <-a.l.Done(a.line.At(6)); <-a.l.Done(a.issuer.Fence()); return nil }, nil},
	"Local.Advance":        {func(a *afterlife) error { return a.l.Advance(a.line, 6) }, ErrCanceled},
	"Local.OnSignalEach":   {func(a *afterlife) error { return a.l.OnSignalEach(a.line, []uint64{6}, a.note, []uint64{2}, nil) }, ErrSignaled},
	"Local.ReservePoints":  {func(a *afterlife) error { return a.l.ReservePoints(2) }, nil},
	"Timeline.Advance":     {func(a *afterlife) error { return a.line.Advance(6) }, ErrCanceled},
	"Timeline.At":          {func(a *afterlife) error { return a.line.At(6).Err() }, ErrCanceled},
	"Timeline.Close":       {func(a *afterlife) error { return a.line.Close(nil) }, ErrTimelineClosed},
	"Timeline.Context":     {func(a *afterlife) error { return is(a.line.Context().ID(), 2) }, nil},
	"Timeline.Done":        {func(a *afterlife) error { <-a.line.Done(6); return nil }, nil},
	"Timeline.Driver":      {func(a *afterlife) error { return is(a.line.Driver(), "a") }, nil},
	"Timeline.Flush":       {func(a *afterlife) error { return a.line.Flush(context.Background()) }, nil},
	"Timeline.ID":          {func(a *afterlife) error { return is(a.line.ID(), 2) }, nil},
	"Timeline.LastIssued":  {func(a *afterlife) error { return is(a.line.LastIssued(), 5) }, nil},
	"Timeline.Next":        {func(a *afterlife) error { n, err := a.line.Next(); return errors.Join(is(n, 6), err) }, nil},
	"Timeline.NextN":       {func(a *afterlife) error { n, err := a.line.NextN(3); return errors.Join(is(n, 6), err) }, nil},
	"Timeline.Oldest":      {func(a *afterlife) error { _, ok := a.line.Oldest(); return is(ok, false) }, nil},
	"Timeline.Pending":     {func(a *afterlife) error { return is(a.line.Pending(), 0) }, nil},
	"Timeline.Timeline":    {func(a *afterlife) error { return is(a.line.Timeline(), "line") }, nil},
	"Timeline.Value":       {func(a *afterlife) error { return is(a.line.Value(), 5) }, nil},
	"Timeline.Wait":        {func(a *afterlife) error { return a.line.Wait(context.Background(), 6) }, ErrCanceled},

	"CommitWindow.Complete": {func(a *afterlife) error { return a.window.Complete(6) }, ErrCanceled},
	"CommitWindow.Issue":    {func(a *afterlife) error { return only(a.window.Issue(context.Background())) }, ErrCanceled},
	"CommitWindow.Issued":   {func(a *afterlife) error { return is(a.window.Issued(), 5) }, nil},
	"CommitWindow.Size":     {func(a *afterlife) error { return is(a.window.Size(), 8) }, nil},
	"CommitWindow.Timeline": {func(a *afterlife) error { return is(a.window.Timeline().Value(), 5) }, nil},
	"CommitWindow.TryIssue": {func(a *afterlife) error { return only(a.window.TryIssue()) }, ErrCanceled},
	"Local.Complete":        {func(a *afterlife) error { return a.l.Complete(a.window, 6) }, ErrCanceled},
	"Local.Sync":            {func(a *afterlife) error { return only(a.l.Sync(a.source)) }, ErrCanceled},
	"Source.Follow":         {func(a *afterlife) error { return a.source.Follow(context.Background(), Polling{}) }, ErrCanceled},
	"Source.Rejected":       {func(a *afterlife) error { n, _ := a.source.Rejected(); return is(n, 0) }, nil},
	"Source.Start": {func(a *afterlife) error {
		stop, err := a.source.Start(Polling{})
		return errors.Join(err, is(stop(), ErrCanceled))
	}, nil},
	"Source.Sync":     {func(a *afterlife) error { return only(a.source.Sync()) }, ErrCanceled},
	"Source.Timeline": {func(a *afterlife) error { return is(a.source.Timeline(), a.line) }, nil},

	"Local.AttachWrite32": {func(a *afterlife) error {
		_, err := a.l.AttachWrite32(a.writes, a.line.At(6), a.narrow(), 7)
		return errors.Join(err, is(atomic.LoadUint32(a.narrow()), 7))
	}, nil},
	"Local.AttachWrite64": {func(a *afterlife) error {
		_, err := a.l.AttachWrite64(a.writes, a.issuer.Fence(), a.address(), 7)
		return errors.Join(err, is(a.word.Load(), 7))
	}, nil},
	"Local.DetachWrite": {func(a *afterlife) error { return is(a.l.DetachWrite(a.written) || a.word.Load() != 6, false) }, nil},
	"Local.DetachWriteWait": {func(a *afterlife) error {
		ok, err := a.l.DetachWriteWait(a.written)
		return errors.Join(err, is(ok, false))
	}, nil},
	"Runtime.NewSeqWrites": {func(a *afterlife) error { return only(a.rt.NewSeqWrites(1)) }, ErrClosed},
	"SeqWrites.Attach32": {func(a *afterlife) error {
		_, err := a.writes.Attach32(a.line.At(6), a.narrow(), 7)
		return errors.Join(err, is(atomic.LoadUint32(a.narrow()), 7))
	}, nil},
	"SeqWrites.Attach64": {func(a *afterlife) error {
		_, err := a.writes.Attach64(a.line.At(6), a.address(), 7)
		return errors.Join(err, is(a.word.Load(), 7))
	}, nil},
	"SeqWrites.Detach": {func(a *afterlife) error { return is(a.writes.Detach(a.written), false) }, nil},

	"Fence.ArmedAt":     {func(a *afterlife) error { return only(a.issuer.Fence().ArmedAt()) }, ErrStale},
	"Fence.Check":       {func(a *afterlife) error { return a.issuer.Fence().Check() }, ErrCanceled},
	"Fence.Done":        {func(a *afterlife) error { c, stop := a.issuer.Fence().Done(); <-c; return is(stop(), false) }, nil},
	"Fence.Names":       {func(a *afterlife) error { _, _, err := a.issuer.Fence().Names(); return err }, ErrStale},
	"Fence.SignaledAt":  {func(a *afterlife) error { return only(a.issuer.Fence().SignaledAt()) }, ErrStale},
	"Fence.TryWait":     {func(a *afterlife) error { return a.issuer.Fence().TryWait() }, ErrCanceled},
	"Fence.WaitTimeout": {func(a *afterlife) error { return a.issuer.Fence().WaitTimeout(time.Second) }, ErrCanceled},
	"Hold.ArmedAt":      {func(a *afterlife) error { return only(a.hold.ArmedAt()) }, ErrNoTimestamps},
	"Hold.SignaledAt":   {func(a *afterlife) error { return only(a.hold.SignaledAt()) }, ErrNoTimestamps},
}

// TestAfterClose makes every public call on a closed runtime: what can't work any more says so by the documented error,
// and nothing panics.
func TestAfterClose(t *testing.T) {
	for name, c := range after {
		t.Run(name, func(t *testing.T) {
			a := newAfterlife(t)
			var err error
			if value, exited := panicOf(func() { err = c.call(a) }); value != nil || exited {
				t.Errorf("panics with %v", value)
			}
			if err != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
			a.wantRan(1)
		})
	}
}

// TestAfterCloseIsWhole: the table has every method of the types that belong to a runtime, and nothing else.
func TestAfterCloseIsWhole(t *testing.T) {
	methods := make(map[string]bool)
	for _, v := range []any{new(Runtime), new(Local), new(FenceContext), new(Timeline), new(CommitWindow), new(Source), new(SeqWrites),
		Fence{}, Issuer{}, Hold{}} {
		r := reflect.TypeOf(v)
		name := strings.TrimPrefix(strings.TrimPrefix(r.String(), "*"), "fencert.")
		for k := range r.NumMethod() {
			methods[name+"."+r.Method(k).Name] = true
		}
	}
	for m := range methods {
		if _, ok := after[m]; !ok {
			t.Errorf("nothing says what %s does after Close", m)
		}
	}
	for m := range after {
		if !methods[m] {
			t.Errorf("there is no %s", m)
		}
	}
}

// TestArmAfterCloseOfWhatWasUsed: the documented panics come after Close too.
func TestArmAfterCloseOfWhatWasUsed(t *testing.T) {
	a, other := newAfterlife(t), newFixture(t, small)
	a.l.Arm(a.room, a.c)
	for _, c := range []struct {
		call func()
		want error
	}{
		{func() { a.l.Arm(a.room, a.c) }, ErrArmed},
		{func() { other.l.Arm(a.room, a.c) }, ErrForeign},
		{func() { a.l.Close(); a.l.Arm(a.room, a.c) }, ErrConcurrentUse},
	} {
		if value, _ := panicOf(c.call); value != c.want {
			t.Errorf("panics with %v, want %v", value, c.want)
		}
	}
}

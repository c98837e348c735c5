package workflow

import (
	"fmt"
	"slices"
	"time"

	"arengo/workflow/definition"
	"arengo/workflow/row"
)

func (w *work) result(from string, as *row.Log) Result {
	return Result{
		Ref: w.inst.Ref(), From: from, To: w.inst.State, Transition: as.Transition, Event: as.Event,
		Revision: w.inst.Revision, Seq: as.Seq, Entry: w.inst.Entry, Now: w.now, EffectiveAt: as.EffectiveAt,
	}
}

// occasion is the stable key of something that happens in the present entry.
func (w *work) occasion(what string) string {
	return fmt.Sprintf("p%d.a%d.e%d.%s", w.inst.ProcessID, w.inst.ActivityID, w.inst.Entry, what)
}

// effects turns actions into data; cause tells where they stand.
func (w *work) effects(actions []definition.Action, cause string, at time.Time) []Effect {
	var out []Effect
	for _, a := range actions {
		f := Effect{Ref: w.inst.Ref(), State: w.inst.State, At: at, DueAt: row.UTC(w.inst.DueAt)}
		var what string
		switch {
		case a.Notice != "":
			f.Kind, f.Notice, f.Audience, what = EffectNotice, a.Notice, a.To, a.Notice
		case a.Open != "":
			f.Kind, f.ActivityKind, what = EffectOpen, a.Open, "open-"+a.Open
		case a.Close != "":
			f.Kind, f.ActivityKind, what = EffectClose, a.Close, "close-"+a.Close
		default:
			f.Kind, f.Event, what = EffectFire, a.Fire, "fire-"+a.Fire
		}
		f.Occasion = w.occasion(cause + "." + what)
		out = append(out, f)
	}
	return out
}

// entering is what the state that was entered asks for; one that is reopened
// tells again nobody what they know.
func (w *work) entering(t *definition.Transition) []definition.Action {
	actions := w.state().OnEnter
	if !t.Reopens {
		return actions
	}
	return slices.DeleteFunc(slices.Clone(actions), func(a definition.Action) bool { return a.Notice != "" })
}

// reopened tells those chosen that what had ended goes on.
func (w *work) reopened(tell []string, at time.Time) Effect {
	return Effect{
		Kind: EffectNotice, Ref: w.inst.Ref(), Notice: definition.NoticeReopened, Audience: tell, State: w.inst.State, At: at,
		Occasion: w.occasion("reopened"), Expires: row.UTC(w.inst.DueAt), DueAt: row.UTC(w.inst.DueAt),
	}
}

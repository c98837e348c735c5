package gathering

import (
	"arengo/process/fault"
	"arengo/process/meeting"
	"arengo/web/site"
)

// settingSave changes places, recording and when the link opens; what the form
// does not show stays as it is. On a conflict the form keeps what was typed and
// takes the present revision: sending it again is then a decision.
func (h *desk) settingSave(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	typed := settingForm{
		Capacity: r.Value("capacity"), Opens: r.Value("join_opens_before"), Recorded: r.Value("recorded") != "",
		Revision: int64(whole(r.Value("revision"))),
	}
	d := s.setting
	d.Capacity, d.Recorded, d.Revision = whole(typed.Capacity), typed.Recorded, typed.Revision
	if h.Online {
		d.JoinOpensBefore = whole(typed.Opens)
	}
	if _, err := h.meetings.SetSetting(r.Context(), s.process.ID, s.activity.ID, r.Actor, d); err != nil {
		if fault.Is(err, fault.Conflict) {
			typed.Revision = s.setting.Revision
		}
		return h.staffBack(r, s, inSetting, err, sent{setting: &typed})
	}
	if s.places.Over(d.Capacity) > 0 {
		return r.Redirect(s.root()+"#posti", site.Counted("gathering.flash.setting_over", s.places.Registered))
	}
	return r.Redirect(s.root()+"#posti", "gathering.flash.setting")
}

func (h *desk) materialPublish(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	m := meeting.Material{Kind: meeting.MaterialKind(r.Value("kind")), Title: r.Value("title"), URL: r.Value("url"), FormKey: r.FormKey()}
	list, err := h.meetings.Publish(r.Context(), s.process.ID, s.activity.ID, r.Actor, m)
	if err != nil {
		return h.staffBack(r, s, inMaterial, err, sent{material: m})
	}
	return r.Redirect(s.root()+"#recording", site.Once(list[0].Already, "gathering.flash.published"))
}

func (h *desk) materialRetract(r *site.Request) error {
	s, err := h.of(r)
	if err != nil {
		return err
	}
	id := meeting.MaterialID(whole(r.Value("material")))
	if err := h.meetings.Retract(r.Context(), s.process.ID, s.activity.ID, r.Actor, id); err != nil {
		return h.staffBack(r, s, inMaterial, err, sent{})
	}
	return r.Redirect(s.root()+"#recording", "gathering.flash.retracted")
}

package worldtest

import (
	"log/slog"

	"arengo/notify"
	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/channel/inbox"
	"arengo/notify/mail"
	"arengo/process/account"
	"arengo/process/processtest"
)

// Post gives what sends all that is due by the world's clock, and returns it.
func (w *World) Post() func() []*processtest.Message {
	w.T.Helper()
	sink := processtest.SMTP(w.T)
	drainer := w.Drainer(sink)
	return func() []*processtest.Message {
		w.T.Helper()
		sink.Clear()
		w.At(w.Clock.Time())
		_, err := drainer.Drain(w.T.Context())
		w.Must(err)
		return sink.Messages()
	}
}

// Drainer sends what the world's outbox holds to a sink, by mail, and keeps what goes
// to the inbox.
func (w *World) Drainer(sink *processtest.Sink) *notify.Drainer {
	w.T.Helper()
	relay, err := mail.ParseRelay(sink.URL())
	w.Must(err)
	post, err := email.New(relay, mail.Sender{Address: "partecipa@example.org", Name: "Arengo"})
	w.Must(err)
	channels := []channel.Channel{post}
	if w.ways != nil {
		channels = append(channels, inbox.New(w.DB, inbox.Reaching(account.Holders())))
	}
	drainer, err := notify.NewDrainer(notify.DrainerConfig{
		DB: w.DB, Outbox: w.Core.Outbox(), Clock: w.Clock, Channels: channels, Log: slog.New(slog.DiscardHandler),
	})
	w.Must(err)
	return drainer
}

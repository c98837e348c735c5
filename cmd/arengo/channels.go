package main

import (
	"arengo/notify/channel"
	"arengo/notify/channel/email"
	"arengo/notify/channel/inbox"
	"arengo/process/account"
)

// ways are the channels that people are reached by. What drains the outbox has all of
// them, see channels.
func (a *app) ways() []channel.Reach {
	return []channel.Reach{email.Reach{}, inbox.Reaching(account.Holders())}
}

// channels are what a worker hands letters to, mail being made already.
func (a *app) channels(post channel.Channel) []channel.Channel {
	return []channel.Channel{post, a.inbox()}
}

// inbox is the channel of the site itself.
func (a *app) inbox() *inbox.Channel { return inbox.New(a.db, inbox.Reaching(account.Holders())) }

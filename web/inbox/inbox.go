// Package inbox holds the pages of what somebody was told on the site: the list, one
// message, where it leads, and the forms that say what was read.
package inbox

import (
	"strconv"
	"time"

	"arengo/notify/channel/inbox"
	"arengo/process"
	"arengo/process/letterbox"
	"arengo/web/page"
	"arengo/web/site"
)

// home is the list; one message is below it.
const home = "/messaggi"

// perPage is how many messages a page of the list shows.
const perPage = 20

type pages struct{ box *letterbox.Service }

// Routes lists the pages of the inbox. Reading one changes nothing: what was read is
// said by a form, or by the page's script once a person sees it.
func Routes(s *site.Site) []site.Route {
	h := pages{letterbox.New(s.Core)}
	const one = home + "/:ref"
	return []site.Route{
		site.Get(home, process.ActInbox, h.list),
		site.Post(home+"/letti", process.ActInbox, h.markAll),
		site.Get(one, process.ActInbox, h.show),
		site.Get(one+"/vai", process.ActInbox, h.follow),
		site.Post(one+"/aperto", process.ActInbox, h.opened),
		site.Post(one+"/letto", process.ActInbox, h.mark),
	}
}

type listPage struct {
	page.Base
	Items  []entry
	Total  int
	Unread int
	Until  string // when the list was made, for the form that marks all
	Pages  page.Pagination
}

// entry is one line of the list.
type entry struct {
	inbox.Item

	Href string
	Lang string // of the message, "" when it is the page's
	New  *page.Chip
}

type showPage struct {
	page.Base
	Item   inbox.Item
	Locale string // of the message, "" when it is the page's
	Blocks []block
	Gone   bool // it led somewhere, and does not any more
}

// frame is the frame of a page of the inbox: the workspace's for those who work here.
func frame(r *site.Request, title string, crumbs ...page.Crumb) page.Base {
	var b page.Base
	if r.Actor.Works {
		b = r.Workspace(title, "messages", crumbs...)
	} else {
		b = r.Base(title)
		b.Crumbs = crumbs
	}
	b.NoIndex, b.NoRating, b.Narrow = true, true, true
	return b
}

// list shows the messages, the newest first.
func (h pages) list(r *site.Request) error {
	number, err := strconv.Atoi(r.Query("pagina"))
	if err != nil || number < 1 || number > 100_000 {
		number = 1
	}
	items, total, err := h.box.List(r.Context(), r.Actor, perPage, (number-1)*perPage)
	if err != nil {
		return err
	}
	unread, err := h.box.Unread(r.Context(), r.Actor)
	if err != nil {
		return err
	}
	p := listPage{
		Base: frame(r, r.T("inbox.title")), Total: total, Unread: unread, Until: r.Now.UTC().Format(time.RFC3339Nano),
		Pages: page.Paginate(number, (total+perPage-1)/perPage, func(n int) string { return home + "?pagina=" + strconv.Itoa(n) }),
	}
	for _, i := range items {
		e := entry{Item: i, Href: inbox.Path(i.Ref), Lang: other(r.Lang, i.Locale)}
		if i.Unread() {
			e.New = &page.Chip{State: page.Current, Label: r.T("inbox.unread"), Icon: "it-mail"}
		}
		p.Items = append(p.Items, e)
	}
	return r.Page("inbox/list", p)
}

// other is the language of a text, "" when it is the page's.
func other(lang, of string) string {
	if of == lang {
		return ""
	}
	return of
}

// show is one message. It stays unread until its reader, or the script of the page
// that they see, says otherwise.
func (h pages) show(r *site.Request) error {
	i, err := h.box.Open(r.Context(), r.Actor, r.Param("ref"))
	if err != nil {
		return err
	}
	p := showPage{
		Base:   frame(r, i.Subject, page.Crumb{Label: r.T("inbox.title"), Href: home}, page.Crumb{Label: i.Subject}),
		Item:   i,
		Locale: other(r.Lang, i.Locale), Blocks: blocks(i.Text, inbox.LinkPath(i.Ref)), Gone: r.Query("vai") == "no",
	}
	if i.Unread() {
		p.Opened = inbox.Path(i.Ref) + "/aperto"
	}
	return r.Page("inbox/show", p)
}

// follow leads where the message's button leads now. It changes nothing, and opens
// nothing that its reader could not open.
func (h pages) follow(r *site.Request) error {
	to, err := h.box.Lead(r.Context(), r.Actor, r.Param("ref"))
	if err != nil {
		return err
	}
	if to == "" {
		to = inbox.Path(r.Param("ref")) + "?vai=no"
	}
	return r.Redirect(to, "")
}

// opened is what the script of a message that somebody sees says.
func (h pages) opened(r *site.Request) error {
	if err := h.box.Mark(r.Context(), r.Actor, r.Param("ref"), true); err != nil {
		return err
	}
	return r.Done()
}

// mark is the form of a message: it was read, or is to be read still.
func (h pages) mark(r *site.Request) error {
	read := r.Value("come") != "da-leggere"
	if err := h.box.Mark(r.Context(), r.Actor, r.Param("ref"), read); err != nil {
		return err
	}
	flash := "inbox.flash_unread"
	if read {
		flash = "inbox.flash_read"
	}
	return r.Redirect(home, flash)
}

// markAll says that all was read that the list knew of when it was shown.
func (h pages) markAll(r *site.Request) error {
	until, err := time.Parse(time.RFC3339Nano, r.Value("fino"))
	if err != nil || until.After(r.Now) {
		until = r.Now
	}
	n, err := h.box.MarkAll(r.Context(), r.Actor, until)
	if err != nil {
		return err
	}
	return r.Redirect(home, site.Counted("inbox.flash_all", n))
}

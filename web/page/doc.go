// Package page renders the pages: layout, partials, texts, dates, numbers and
// assets. It knows no domain; handlers fill structs and call Render.
//
// # Adding a page
//
//  1. Struct, in the handlers' package, embedding Base by value:
//
//     type processPage struct { page.Base; Spine page.Spine; Now *page.Now }
//
//  2. Template, web/templates/<area>/<page>.html; a new <area> is just a new
//     folder. It defines "content" (inside <main>) and, if it wants a band
//     above <main>, "before". Other templates it defines are its own, for slot.
//
//     {{define "content"}}<div class="container py-4"><h1>{{.Title}}</h1>
//     {{with .Now}}{{template "now" .}}{{end}}
//     {{template "spine" .Spine}}
//     <p>{{t "portal.answered" "n" .Answered}}</p></div>{{end}}
//
//  3. Texts, web/locale/{it,en}/<area>.json, keys "<area>.…", the same keys and
//     {placeholders} in every language. Plurals are key.one and key.other (and
//     key.zero), chosen by the argument n. Ours for every page: "page.…".
//
//  4. Handler: fill Base (Lang, Title, Path, Now, CSRF, Viewer, Location), then
//     r.Render(w, http.StatusOK, "portal/process", p). For a refused form set
//     p.Errors = page.FieldErrors(p.Lang, err), keep the input, and render with
//     page.Status(err): the layout shows the summary, the title begins
//     "Errore:", and the field, options and scale partials show their own.
//
//  5. Test: pagetest.Each(t, "portal/process", p, func(t, lang, doc) {…}) renders
//     in every language and fails on missing texts, unknown classes, inline
//     style or script, duplicate ids and labels without a control.
//
// # Functions of templates
//
// Texts: t key name value … (plain), th (markup of the catalogue; arguments
// that are HTML stay so: th "x.until" "end" (till .At)), markdown, cap.
// Instants, as <time> in the page's zone: date "domenica 29 novembre 2026", day
// "29 novembre 2026", weekday "domenica 29 novembre", shortdate "gio 1 ott",
// datetime "… alle 17:30", meeting "giovedì 3 dicembre, 17:30", stamp
// "18 novembre 2026, 11:32:08", clock "9:14", month and period (plain).
// Ends of terms are half-open, 00:00 reads 23:59 of the day before: till
// "domenica 29 novembre 2026 alle 23:59", tillclock, tillday and tillweekday (the last
// day, and the time of an end within it), deadline (till and zone), and, plain, daysleft
// "mancano 6 giorni", relative "fra 6 giorni", zone "ora di Roma (CET, UTC+1)", zonename.
// Numbers: num 2480 → 2.480, num 0.81 2, pct 0.364 → 36,4 %. at 0.36 is the
// class ar-at-36, which sets --at for widths: style attributes are forbidden.
// Frame: asset "css/arengo.css", icon "it-clock" "sm" ("xs", "white"), csrf, formkey, site,
// fielderror "field", slot "name" data, me (the page's Base), nav, languages,
// dict, list, seq 1 5, add.
//
// # Partials
//
// Each takes the struct of its name: action answers breadcrumb card chip day
// deadline errors facts field figure flash flow funnel gate items link lint log
// meter now option options pagination rule saved scale source spine table task
// track. Forms post with {{csrf}}, those that make something with {{formkey}} too. Script hooks: form[data-autosave=URL],
// Base.Opened, [data-count=ID]. "end" is a word of the template language: use
// till.
package page

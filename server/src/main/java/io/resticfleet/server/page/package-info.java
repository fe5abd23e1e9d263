/**
 * The HTML pages of all features. The templates in {@code src/main/jte} are compiled into this package and its
 * sub-packages. May depend on every other package; no other package may depend on it.
 *
 * <p>Each page is a {@link io.resticfleet.server.live.PageModel}: a record of everything that it shows, built for every
 * request. {@code …Pages} handle requests, {@code …Form} hold form input, {@code …Words} turn values into text.
 */
package io.resticfleet.server.page;

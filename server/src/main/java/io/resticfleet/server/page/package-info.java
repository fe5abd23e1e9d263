/**
 * What people see: pages over all features, made by the templates in {@code src/main/jte}, which are compiled into this
 * package. May look at everything; nothing may look at it.
 *
 * <p>Each page is a {@link io.resticfleet.server.live.PageModel}: a record of all it shows, found anew for every request.
 * {@code …Pages} read requests and answer them, {@code …Form} hold what was typed, {@code …Words} put things in words.
 */
package io.resticfleet.server.page;

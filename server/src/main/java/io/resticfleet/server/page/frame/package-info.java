/** What is around every page: layout, toasts, refusals and redirects. */
package io.resticfleet.server.page.frame;

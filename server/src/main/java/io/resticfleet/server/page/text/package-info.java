/** Text for pages: times, numbers, states, cron expressions, policies and retention in English. */
package io.resticfleet.server.page.text;

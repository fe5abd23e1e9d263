/** Words for people: times, figures, states, cron expressions and retention in English. */
package io.resticfleet.server.page.text;

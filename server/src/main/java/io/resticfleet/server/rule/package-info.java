/** The rules: what is wrong with schedules, hosts, repositories and the server now; not since when somebody knows of it. */
package io.resticfleet.server.rule;

/** Lists of jobs, the page of one job, and the buttons that start and cancel jobs. */
package io.resticfleet.server.page.job;

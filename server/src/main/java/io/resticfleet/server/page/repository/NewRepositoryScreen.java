package io.resticfleet.server.page.repository;

import io.resticfleet.server.page.frame.Frame;
import java.util.Map;

/**
 * The form of a new repository.
 *
 * @param name value of the form field
 * @param wrong error messages by field
 */
record NewRepositoryScreen(Frame frame, String name, RepositoryForm form, Map<String, String> wrong) {}

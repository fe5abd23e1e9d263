package io.resticfleet.server;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

/** The classes of the server and of the shared module, without tests, for rules about dependencies. */
final class ServerClasses {

    static final String ROOT = "io.resticfleet.server";

    static final JavaClasses CODE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT, "io.resticfleet.protocol", "io.resticfleet.program", "io.resticfleet.pin");

    private ServerClasses() {}
}

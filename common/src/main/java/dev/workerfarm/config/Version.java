package dev.workerfarm.config;

/** The farm's version, as in its pom. */
public final class Version {
    public static final String FARM = "0.1.0";

    private Version() {}
}

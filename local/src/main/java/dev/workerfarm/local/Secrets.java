package dev.workerfarm.local;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Passwords for services that live as long as one run. */
final class Secrets {
    private static final int BYTES = 16;

    private Secrets() {}

    /** 128 random bits in hexadecimal: needs no quoting in a URL, a configuration line or a shell. */
    static String random() {
        var bytes = new byte[BYTES];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}

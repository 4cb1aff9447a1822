package dev.workerfarm.testkit;

import java.nio.file.Path;

/**
 * A certificate as servers and clients take it, in PEM files.
 *
 * @param authority the certificate of the authority that issued it
 * @param certificate itself
 * @param key its private key, PKCS#8
 */
public record CertificateFiles(Path authority, Path certificate, Path key) {}

/** The article, section by section, on a running farm. */
@org.jspecify.annotations.NullMarked
package dev.workerfarm.cli.demo;

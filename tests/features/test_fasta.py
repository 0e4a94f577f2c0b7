"""Sequences in FASTA files, beside biotite's reader."""

from __future__ import annotations

import io

from biotite.sequence.io.fasta import FastaFile

from dlsuite.features.fasta import Record, read_records

FILE = ">sp|P01308|INS_HUMAN <b>Insulin</b>\nMALWMRLLPL\nLALLALWGPD\n>second\nGGSS\n"


def test_records_are_those_that_biotite_reads() -> None:
    known = FastaFile.read(io.StringIO(FILE))
    assert dict(read_records(FILE)) == dict(known.items())


def test_plain_letters_are_one_record() -> None:
    assert read_records(" mkv la\r\nGG ") == [Record("", "mkvlaGG")]


def test_remarks_are_left_out() -> None:
    assert read_records(";remark\n>a\nMK\n;more\nV") == [Record("a", "MKV")]


def test_nothing_gives_nothing_and_a_title_alone_an_empty_sequence() -> None:
    assert read_records(" \n") == []
    assert read_records(">only a title") == [Record("only a title", "")]

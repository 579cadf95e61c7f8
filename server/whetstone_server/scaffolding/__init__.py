"""What a template becomes in a project: which files, with what in them, and the writing of them all or none.

`order` checks what somebody wants, `project` says where it belongs, `defined` whether it is there already, `plan` works
the changes out, and `write` makes them. Nothing is imported here: whoever only asks where something belongs does
without what fills templates in.
"""

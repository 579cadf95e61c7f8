;;; -*- lexical-binding: t -*-
;; A session in Emacs with eglot: a squiggle, a proof of its rewrite, and the proven fix, picked.
;; What was seen goes as JSON into the file that STORY names; Emacs ends with 255 when something did not happen.

(require 'cl-lib)
(require 'eglot)
(require 'json)

(defconst patience-seconds 120)
(defvar squiggles nil)
(defvar picked nil)

(defun wait (what happened)
  "Return what HAPPENED answers as soon as it is true; fail with WHAT when it never is."
  (let ((end (+ (float-time) patience-seconds)) answer)
    (while (not (setq answer (funcall happened)))
      (when (> (float-time) end)
        (error "This did not happen: %s; so far: %S %S" what squiggles picked))
      (flymake-start)
      (accept-process-output nil 0.05))
    answer))

(defun squiggle ()
  "Return the diagnostic that is shown."
  (car (flymake-diagnostics)))

(defun pick (title)
  "Pick the action whose name begins as TITLE says, as somebody does who is asked."
  (goto-char (flymake-diagnostic-beg (squiggle)))
  (let ((last-nonmenu-event ?x)) ; a key was pressed, no mouse
    (cl-letf (((symbol-function 'completing-read)
               (lambda (_prompt actions &rest _)
                 (let ((name (cl-find-if (lambda (name) (string-match-p title name)) (mapcar #'car actions))))
                   (unless name (error "No action %s among %S" title (mapcar #'car actions)))
                   (push name picked)
                   name))))
      (call-interactively #'eglot-code-actions))))

(find-file (getenv "REPORT"))
(call-interactively #'eglot)
(wait "a squiggle" #'squiggle)
(push (flymake-diagnostic-text (squiggle)) squiggles)
;; Emacs waits ten seconds for a proof; it goes on when that was not enough.
(condition-case problem (pick "^Prove: ") (jsonrpc-error (message "%S" problem)))
(wait "a proven squiggle" (lambda () (string-match-p "proven" (flymake-diagnostic-text (squiggle)))))
(push (flymake-diagnostic-text (squiggle)) squiggles)
(pick "(proven ")
(eglot--signal-textDocument/didChange) ; a timer does this once nobody types, which in a script is never
(save-buffer)
(with-temp-file (getenv "STORY")
  (insert (json-encode `((squiggles . ,(vconcat (reverse squiggles))) (picked . ,(vconcat (reverse picked)))))))
(eglot-shutdown (eglot-current-server))
